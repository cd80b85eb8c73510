// The project and what is happening to it, followed once for the whole page.
import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { ApiFailure, get, send } from "../api/client";
import type { Job, JobRequest, Jobs, Project } from "../api/generated/workbench";
import { follow } from "./events";
import { watchJobs } from "./watched-job";

interface ProjectState {
  project: Project | null;
  failure: ApiFailure | null;
  revision: number;
  jobs: Job[];
  /** Ask for the project anew: something was written. */
  refresh: () => void;
}

const Context = createContext<ProjectState | null>(null);

function useEvents(onState: (state: Jobs) => void): void {
  const handler = useRef(onState);
  handler.current = onState;
  useEffect(() => {
    let stop: (() => void) | null = null;
    const start = () => {
      if (stop || document.hidden) return;
      stop = follow<Jobs>({
        open: () => new EventSource("/api/events"),
        ask: (signal) => get<Jobs>("/api/jobs", signal),
        onState: (state) => handler.current(state),
      });
    };
    const end = () => {
      stop?.();
      stop = null;
    };
    // A browser allows six connections to one server: a page that nobody sees gives its stream back.
    const onVisibility = () => (document.hidden ? end() : start());
    start();
    document.addEventListener("visibilitychange", onVisibility);
    return () => {
      document.removeEventListener("visibilitychange", onVisibility);
      end();
    };
  }, []);
}

export function ProjectProvider({ children }: { children: ReactNode }) {
  const [project, setProject] = useState<Project | null>(null);
  const [failure, setFailure] = useState<ApiFailure | null>(null);
  const [jobs, setJobs] = useState<Job[]>([]);

  const refresh = useCallback(() => {
    get<Project>("/api/project").then(
      (answer) => {
        setProject(answer);
        setFailure(null);
      },
      (reason: unknown) => {
        setFailure(reason instanceof ApiFailure ? reason : new ApiFailure(0, "internal", String(reason)));
      },
    );
  }, []);

  useEffect(refresh, [refresh]);
  useEvents((state) => {
    setJobs(state.jobs);
    watchJobs(state.jobs);
    if (!project || state.revision !== project.revision) refresh();
  });

  const value = useMemo(
    () => ({ project, failure, revision: project?.revision ?? 0, jobs, refresh }),
    [project, failure, jobs, refresh],
  );
  return <Context.Provider value={value}>{children}</Context.Provider>;
}

/** A project that stays as it is: a report's. */
export function FixedProject({ project, children }: { project: Project; children: ReactNode }) {
  const value = useMemo(
    () => ({ project, failure: null, revision: project.revision, jobs: [], refresh: () => undefined }),
    [project],
  );
  return <Context.Provider value={value}>{children}</Context.Provider>;
}

export function useProjectState(): ProjectState {
  const state = useContext(Context);
  if (!state) throw new Error("outside of ProjectProvider");
  return state;
}

/** The project; only where it is there, which the frame of the page makes sure of. */
export function useProject(): Project {
  const { project } = useProjectState();
  if (!project) throw new Error("the project is not loaded");
  return project;
}

export function useRevision(): number {
  return useProjectState().revision;
}

export function startJob(job: JobRequest): Promise<Jobs> {
  return send<Jobs>("POST", "/api/jobs", job);
}

export function stopJobs(): Promise<Jobs> {
  return send<Jobs>("DELETE", "/api/jobs", {});
}
