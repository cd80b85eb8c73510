// The pages of a report, one below the other's tab; what it is of stands above them.
import type { ReportFile } from "../api/generated/workbench";
import { Icon } from "../parts/icon";
import { count } from "../parts/numbers";
import OverviewPage from "../pages/overview/overview-page";
import PerformancePage from "../pages/performance/performance-page";
import { setTheme, useTheme } from "../state/theme";
import { go, useView, type PageName } from "../state/view";
import { WorstSamples } from "./worst-samples";

const TABS: readonly { page: PageName; title: string }[] = [
  { page: "overview", title: "Overview" },
  { page: "performance", title: "Performance by metric" },
  { page: "explorer", title: "Worst samples" },
];

function Head({ file }: { file: ReportFile }) {
  const { theme } = useTheme();
  const model = file.filter.model ?? file.project.models[0]?.name;
  return (
    <header className="report-head">
      <div>
        <h1>
          {file.project.name}
          {model && <span className="faint"> · {model}</span>}
        </h1>
        <p className="faint">
          {count(file.project.samples)} samples, {count(file.project.classes.length)} classes
          {file.filter_text && `; only where ${file.filter_text}`} · assay {file.assay}, {file.made}
        </p>
      </div>
      <button type="button" className="plain" onClick={() => setTheme(theme === "dark" ? "light" : "dark")}>
        <Icon name={theme === "dark" ? "sun" : "moon"} /> {theme === "dark" ? "Light" : "Dark"}
      </button>
    </header>
  );
}

export function ReportFrame({ file }: { file: ReportFile }) {
  const view = useView();
  return (
    <div className="report">
      <Head file={file} />
      <nav aria-label="Parts" className="report-tabs">
        {TABS.map((tab) => (
          <button
            key={tab.page}
            type="button"
            aria-current={view.page === tab.page ? "page" : undefined}
            aria-pressed={view.page === tab.page}
            onClick={() => go({ page: tab.page })}
          >
            {tab.title}
          </button>
        ))}
      </nav>
      <main>
        {view.page === "explorer" && <WorstSamples file={file} />}
        {view.page === "performance" && <PerformancePage />}
        {view.page !== "explorer" && view.page !== "performance" && <OverviewPage />}
      </main>
    </div>
  );
}
