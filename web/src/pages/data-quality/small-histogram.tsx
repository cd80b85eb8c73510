// A histogram as small as a word. By the square root: one tall bin must not hide the others.
export function SmallHistogram({ counts, marks = [] }: { counts: readonly number[]; marks?: readonly number[] }) {
  const most = Math.max(1, ...counts);
  return (
    <svg className="small-histogram" viewBox={`0 0 ${counts.length * 5} 26`} preserveAspectRatio="none" aria-hidden="true">
      {counts.map((n, bin) => {
        const height = n === 0 ? 0 : Math.max(1.2, 26 * Math.sqrt(n / most));
        return <rect key={bin} x={bin * 5} y={26 - height} width={4.4} height={height} />;
      })}
      {marks.map((at) => (
        <line key={at} x1={at * counts.length * 5} x2={at * counts.length * 5} y1={0} y2={26} />
      ))}
    </svg>
  );
}
