// Is the data to blame? What lies far out, what cannot be read, what is there twice, what is rare.
import { address } from "../../api/client";
import type { MetricsReport } from "../../api/generated/metrics";
import type { Metrics } from "../../api/generated/workbench";
import { count } from "../../parts/numbers";
import { Sections } from "../../parts/sections";
import { Empty, WhenThere } from "../../parts/states";
import { useProject } from "../../state/project";
import { useReply } from "../../state/use-reply";
import { filterText, go, useView } from "../../state/view";
import { ClassBalance } from "./class-balance";
import { Distributions } from "./distributions";
import { Duplicates } from "./duplicates";
import { NeedsMeasures, UnmeasuredRest } from "./needs";
import { Outliers } from "./outliers";
import { Unreadable } from "./unreadable";
import "./data-quality.css";

const SECTIONS = [
  { value: "outliers", text: "Outliers" },
  { value: "distributions", text: "Distributions" },
  { value: "unreadable", text: "Unreadable files" },
  { value: "duplicates", text: "Duplicates" },
  { value: "leakage", text: "Leakage" },
  { value: "balance", text: "Class balance" },
] as const;
type Section = (typeof SECTIONS)[number]["value"];

function OfMetrics({ section }: { section: "outliers" | "distributions" }) {
  const project = useProject();
  const { filter } = useView();
  const any = project.metrics.length > 0;
  const reply = useReply<Metrics>(any ? address("/api/metrics", { filter: filterText(filter) }) : null);
  if (!any) return <NeedsMeasures what="Most metrics" />;
  return (
    <>
      {!project.has.measures && project.has.images && <NeedsMeasures what="More metrics" />}
      <WhenThere reply={reply} what="Reading the metrics">
        {({ metrics }) => {
          const rows = (metrics as MetricsReport).metrics;
          if (rows.length === 0) return <Empty title="No metric has a value for these samples" />;
          return section === "outliers" ? <Outliers metrics={rows} /> : <Distributions metrics={rows} />;
        }}
      </WhenThere>
    </>
  );
}

function SectionBody({ section }: { section: Section }) {
  if (section === "outliers" || section === "distributions") return <OfMetrics section={section} />;
  if (section === "unreadable") return <Unreadable />;
  if (section === "balance") return <ClassBalance />;
  return <Duplicates key={section} leakage={section === "leakage"} />;
}

export default function DataQualityPage() {
  const project = useProject();
  const { choice } = useView();
  const section = SECTIONS.find((one) => one.value === choice.section)?.value ?? "outliers";
  const tabs = SECTIONS.map((one) => ({
    ...one,
    note: one.value === "unreadable" && project.unreadable > 0 ? count(project.unreadable) : undefined,
  }));
  return (
    <div className="data-quality">
      <Sections
        label="Data quality"
        tabs={tabs}
        at={section}
        onGo={(value) => go({ choice: { section: value === "outliers" ? null : value, from: null, only: null } })}
      />
      {section !== "balance" && <UnmeasuredRest />}
      <SectionBody section={section} />
    </div>
  );
}
