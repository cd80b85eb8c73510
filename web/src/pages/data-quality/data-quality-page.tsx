export default function DataQualityPage() {
  return null;
}
