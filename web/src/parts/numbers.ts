// Numbers as people read them.
const whole = new Intl.NumberFormat("en");

export function count(n: number): string {
  return whole.format(n);
}

/** "1 sample", "1,234 samples". */
export function counted(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** A name within a drawn text: it keeps its direction to itself, and its braces are no styles. */
export function keptApart(name: string): string {
  return `\u2068${name.replace(/\{/g, "{\u200b")}\u2069`;
}

const DRAWN_SIGNS = 32;

/** The same, and not longer than there is room for. */
export function drawnName(name: string): string {
  const signs = [...name];
  return keptApart(signs.length > DRAWN_SIGNS ? `${signs.slice(0, DRAWN_SIGNS - 1).join("")}…` : name);
}

/** About four digits, without noise: 0.8312, 1,234, 1.2e-7. */
export function number(x: number | null | undefined): string {
  if (x === null || x === undefined || Number.isNaN(x)) return "–";
  if (Number.isInteger(x) && Math.abs(x) < 1e15) return whole.format(x);
  const size = Math.abs(x);
  if (size < 1e-4 || size >= 1e9) return x.toExponential(2);
  if (size >= 1000) return whole.format(Math.round(x));
  return String(Number(x.toPrecision(4)));
}

/** A number of a scale from low to high, with the digits that tell its parts from each other. */
export function numberAlong(x: number, low: number, high: number): string {
  const digits = 2 + Math.ceil(Math.log10(Math.max(Math.abs(low), Math.abs(high)) / (high - low)));
  return digits > 4 && digits <= 15 ? String(Number(x.toPrecision(digits))) : number(x);
}

export function percent(x: number | null | undefined, digits = 1): string {
  if (x === null || x === undefined || Number.isNaN(x)) return "–";
  return `${toldApart(100 * x, digits, [0, 100])} %`;
}

/** With more digits where fewer would make an end of the scale of what is only near it: 0.99996 is not 1. */
export function toldApart(x: number, digits: number, ends: readonly number[]): string {
  const most = digits + 4;
  let shown = digits;
  while (shown < most && ends.includes(Math.abs(Number(x.toFixed(shown)))) && !ends.includes(Math.abs(x))) shown++;
  return x.toFixed(shown).replace(/^-0(?=(\.0*)?$)/, "0").replace("-", "−");
}

export function pValue(p: number | null | undefined): string {
  if (p === null || p === undefined) return "–";
  return p < 0.001 ? "< 0.001" : p.toFixed(3);
}

const BYTE_UNITS = ["bytes", "kB", "MB", "GB", "TB"] as const;

/** "17 bytes", "1.5 MB": with three digits. */
export function fileSize(bytes: number): string {
  let size = bytes;
  let unit = 0;
  while (size >= 999.5 && unit + 1 < BYTE_UNITS.length) {
    size /= 1000;
    unit++;
  }
  return `${unit === 0 ? count(size) : Number(size.toPrecision(3))} ${BYTE_UNITS[unit]}`;
}

export function duration(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  if (seconds < 3600) return `${Math.ceil(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

export function capitalised(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A metric's name as a title: "red_values" is "Red values". */
export function metricTitle(name: string): string {
  return capitalised(name.replace(/_/g, " "));
}
