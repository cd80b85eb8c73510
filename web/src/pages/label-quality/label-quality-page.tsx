export default function LabelQualityPage() {
  return null;
}
