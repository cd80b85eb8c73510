import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { beginWith } from "./api/early";
import { App } from "./app";
import { firstRequests } from "./pages/explorer/sample-query";
import { ProjectProvider } from "./state/project";
import { currentView } from "./state/view";
import "./styles/base.css";
import "./styles/frame.css";
import "./styles/parts.css";

beginWith("/api/project", firstRequests(currentView()));

createRoot(document.getElementById("page") as HTMLElement).render(
  <StrictMode>
    <ProjectProvider>
      <App />
    </ProjectProvider>
  </StrictMode>,
);
