// A file's name made of any text: of a metric, a class.

const BYTES_MOST = 200;
const REFUSED = /[\u0000-\u001f\u007f-\u009f\u2028\u2029/\\:*?"<>|]+/g;

/** The name with what some system refuses in one as "_"; its ending stays where it has to be cut. */
export function fileNameOf(text: string): string {
  const dot = text.lastIndexOf(".");
  const [base, ending] = dot > 0 ? [text.slice(0, dot), text.slice(dot)] : [text, ""];
  // A half of a pair of surrogates is no text.
  let plain = [...base.replace(REFUSED, "_").replace(/^[.\s]+|\s+$/g, "")].filter((sign) => !/^[\ud800-\udfff]$/.test(sign));
  const encoder = new TextEncoder();
  while (encoder.encode(plain.join("") + ending).length > BYTES_MOST) plain = plain.slice(0, -1);
  return (plain.join("") || "file") + ending;
}
