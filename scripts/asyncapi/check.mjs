// Is the document valid? `node check.mjs ../../docs/asyncapi.yaml`: exit code 1, with a list, if not.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const { document, diagnostics } = await new Parser().parse(readFileSync(process.argv[2], "utf8"));
for (const { path, message } of diagnostics) console.log(`${path.join(".")}: ${message}`);
console.log(`AsyncAPI: ${diagnostics.length} problems`);
process.exit(document && diagnostics.length === 0 ? 0 : 1);
