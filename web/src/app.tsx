// The frame: the rail of pages, the filter bar, and the page that the address names.
import { lazy, Suspense, useEffect, type ComponentType } from "react";
import { FilterBar } from "./filter/filter-bar";
import { AddData } from "./imports/add-data";
import { JobStrip } from "./jobs/job-strip";
import { Icon, type IconName } from "./parts/icon";
import { Failed, Loading } from "./parts/states";
import { openAddData } from "./state/add-data";
import { useProjectState } from "./state/project";
import { setTheme, useTheme } from "./state/theme";
import { currentView, go, useView, viewAddress, type PageName } from "./state/view";

interface Entry {
  name: PageName;
  title: string;
  icon: IconName;
  page: ComponentType;
}

type Load = () => Promise<{ default: ComponentType }>;

function entry(name: PageName, title: string, load: Load): Entry {
  // The page that the address names is under way while the project is still asked for.
  if (currentView().page === name) void load().catch(() => undefined);
  return { name, title, icon: name, page: lazy(load) };
}

const ENTRIES: readonly Entry[] = [
  entry("overview", "Overview", () => import("./pages/overview/overview-page")),
  entry("performance", "Performance by metric", () => import("./pages/performance/performance-page")),
  entry("explorer", "Explorer", () => import("./pages/explorer/explorer-page")),
  entry("data", "Data quality", () => import("./pages/data-quality/data-quality-page")),
  entry("labels", "Label quality", () => import("./pages/label-quality/label-quality-page")),
  entry("compare", "Compare", () => import("./pages/compare/compare-page")),
];

function Rail({ at }: { at: PageName }) {
  const { project } = useProjectState();
  const { theme } = useTheme();
  const view = useView();
  return (
    <nav className="rail" aria-label="Pages">
      <div className="brand">
        <img src="/icon.svg" alt="" width="26" height="26" />
        <span>assay</span>
      </div>
      <ul>
        {ENTRIES.map((entry) => (
          <li key={entry.name}>
            <a
              href={viewAddress({ page: entry.name, filter: view.filter, choice: {} })}
              aria-label={entry.title}
              aria-current={entry.name === at ? "page" : undefined}
              title={entry.title}
              onClick={(event) => {
                if (event.ctrlKey || event.metaKey || event.shiftKey) return;
                event.preventDefault();
                go({ page: entry.name });
              }}
            >
              <Icon name={entry.icon} />
              <span>{entry.title}</span>
            </a>
          </li>
        ))}
      </ul>
      <div className="rail-foot">
        <JobStrip />
        {project && (
          <button type="button" className="plain" aria-label="Add data" aria-haspopup="dialog" title="Add data" onClick={() => openAddData()}>
            <Icon name="plus" />
            <span>Add data</span>
          </button>
        )}
        {project && (
          <p className="project-name" title={project.path}>
            {project.name}
          </p>
        )}
        <button
          type="button"
          className="plain"
          aria-label={theme === "dark" ? "Light colours" : "Dark colours"}
          onClick={() => setTheme(theme === "dark" ? "light" : "dark")}
        >
          <Icon name={theme === "dark" ? "sun" : "moon"} />
          <span>{theme === "dark" ? "Light" : "Dark"}</span>
        </button>
      </div>
    </nav>
  );
}

export function App() {
  const { project, failure, refresh } = useProjectState();
  const view = useView();
  const entry = ENTRIES.find((one) => one.name === view.page) ?? ENTRIES[0];
  const title = entry?.title ?? "";
  useEffect(() => {
    document.title = project ? `${title} · ${project.name}` : "assay";
  }, [project, title]);
  const Page = entry?.page;
  return (
    <div className="frame">
      <a className="skip" href="#content">
        Skip to the content
      </a>
      <Rail at={view.page} />
      <div className="main">
        {project ? <FilterBar /> : <div className="filter-bar" />}
        <div className="jobs-narrow">
          <JobStrip />
        </div>
        <main id="content" tabIndex={-1}>
          <h1 className="hidden">{title}</h1>
          {failure && !project && <Failed failure={failure} retry={refresh} />}
          {!project && !failure && <Loading what="Opening the project" />}
          {project && Page && (
            <Suspense fallback={<Loading what="Opening the page" />}>
              <Page />
            </Suspense>
          )}
        </main>
      </div>
      <AddData />
    </div>
  );
}
