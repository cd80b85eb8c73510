// The same pages make the workbench and a report that is one file. A report has no server: it shows what it holds.
let report = false;

export function isReport(): boolean {
  return report;
}

export function beReport(): void {
  report = true;
}
