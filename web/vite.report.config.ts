import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// One script and one style sheet, which `assay report` writes into its file.
export default defineConfig({
  plugins: [react()],
  publicDir: false,
  build: {
    target: "es2021",
    outDir: "dist/report",
    emptyOutDir: true,
    cssCodeSplit: false,
    chunkSizeWarningLimit: 1500,
    modulePreload: false,
    rollupOptions: {
      input: "src/report/main.tsx",
      output: {
        format: "iife",
        inlineDynamicImports: true,
        entryFileNames: "report.js",
        assetFileNames: "report[extname]",
      },
    },
  },
});
