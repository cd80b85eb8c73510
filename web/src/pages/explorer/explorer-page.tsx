export default function ExplorerPage() {
  return null;
}
