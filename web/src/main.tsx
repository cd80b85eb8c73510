import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app";
import { ProjectProvider } from "./state/project";
import "./styles/base.css";
import "./styles/frame.css";
import "./styles/parts.css";

createRoot(document.getElementById("page") as HTMLElement).render(
  <StrictMode>
    <ProjectProvider>
      <App />
    </ProjectProvider>
  </StrictMode>,
);
