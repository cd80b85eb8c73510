import { createRoot } from "react-dom/client";
import { answerFrom } from "../api/client";
import type { ReportFile } from "../api/generated/workbench";
import { beReport } from "../state/mode";
import { FixedProject } from "../state/project";
import { keepViewInMemory } from "../state/view";
import { heldReply } from "./held-replies";
import { ReportFrame } from "./report-frame";
import "../styles/base.css";
import "../styles/frame.css";
import "../styles/parts.css";
import "./report.css";

const held = document.getElementById("assay-report")?.textContent ?? "null";
const file = JSON.parse(held) as ReportFile;
beReport();
answerFrom((url) => heldReply(file.replies as Record<string, unknown>, url));
keepViewInMemory({ page: "overview", filter: file.filter, choice: {} });
document.title = `${file.project.name} · assay`;
createRoot(document.getElementById("page") as HTMLElement).render(
  <FixedProject project={file.project}>
    <ReportFrame file={file} />
  </FixedProject>,
);
