// Dark or light: as the system says, or as the user chose here. Charts need the colours as values.
import { useSyncExternalStore } from "react";

export type Theme = "light" | "dark";

export interface Colours {
  text: string;
  muted: string;
  line: string;
  panel: string;
  accent: string;
  correct: string;
  wrong: string;
  band: string;
  /** Of several things drawn together; told apart by the colour-blind too (Okabe and Ito's order). */
  series: string[];
  /** Of a matrix cell, from nothing to everything. */
  heatRight: [string, string];
  heatWrong: [string, string];
}

const COLOURS: Record<Theme, Colours> = {
  light: {
    text: "#1b2733",
    muted: "#5a6875",
    line: "#d9dfe5",
    panel: "#ffffff",
    accent: "#0b63b0",
    correct: "#0072b2",
    wrong: "#c2500a",
    band: "rgba(0, 114, 178, 0.16)",
    series: ["#0072b2", "#c2500a", "#00805c", "#a3477f", "#3a8fbf", "#9a7400", "#4b4b4b", "#7a4fd0"],
    heatRight: ["#e9f2f9", "#0a5d95"],
    heatWrong: ["#fdf0e6", "#b23f00"],
  },
  dark: {
    text: "#e6ecf2",
    muted: "#9dabb8",
    line: "#33404c",
    panel: "#18212a",
    accent: "#6db7f2",
    correct: "#56b4e9",
    wrong: "#f0883e",
    band: "rgba(86, 180, 233, 0.2)",
    series: ["#56b4e9", "#f0883e", "#35c49a", "#dd8fb9", "#8fd0f5", "#e6c229", "#b6b6b6", "#b79bf2"],
    heatRight: ["#1d2f3d", "#56b4e9"],
    heatWrong: ["#33261d", "#f0883e"],
  },
};

const KEY = "assay-theme";
const listeners = new Set<() => void>();
const media = window.matchMedia("(prefers-color-scheme: dark)");

function chosen(): Theme | null {
  try {
    const value = localStorage.getItem(KEY);
    return value === "light" || value === "dark" ? value : null;
  } catch {
    return null; // a browser that keeps nothing
  }
}

function current(): Theme {
  return chosen() ?? (media.matches ? "dark" : "light");
}

function apply(): void {
  document.documentElement.dataset.theme = current();
  listeners.forEach((listener) => listener());
}
media.addEventListener("change", apply);
apply();

export function setTheme(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    return;
  }
  apply();
}

export function useTheme(): { theme: Theme; colours: Colours } {
  const theme = useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, current);
  return { theme, colours: COLOURS[theme] };
}
