// The TypeScript types of what the server says, made from the schemas in docs/.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile } from "json-schema-to-typescript";

const web = join(dirname(fileURLToPath(import.meta.url)), "..");
const docs = join(web, "..", "docs");
const out = join(web, "src", "api", "generated");

const options = {
  bannerComment: "/* Made from the schemas in docs/ by tools/make-types.mjs. */",
  unreachableDefinitions: true,
  additionalProperties: false,
  format: false,
};

mkdirSync(out, { recursive: true });
for (const [file, name] of [
  ["workbench", "Workbench"],
  ["evaluation", "EvaluationReport"],
  ["metrics", "MetricsReport"],
]) {
  const schema = JSON.parse(readFileSync(join(docs, `${file}.schema.json`), "utf8"));
  delete schema.title;
  writeFileSync(join(out, `${file}.ts`), await compile(schema, name, options));
}
