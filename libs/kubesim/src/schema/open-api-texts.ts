import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';

/** One document as JSON text, with the address at which the index has it. */
export interface OpenApiText {
  readonly url: string;
  readonly text: Buffer;
}

/** The OpenAPI documents of the built-in kinds as text: as objects they take ten times the memory, and few are ever asked for. */
export interface OpenApiTexts {
  /** The document of OpenAPI 2 in parts, because members are added to its paths and definitions. Each is an object. */
  readonly v2: { readonly paths: Buffer; readonly definitions: Buffer; readonly rest: Buffer };
  /** The documents of OpenAPI 3 by path (`apis/apps/v1`). */
  readonly v3: ReadonlyMap<string, OpenApiText>;
}

/** Lines of the file: the addresses of the documents of OpenAPI 3 by path, the parts of OpenAPI 2, and those documents. */
const partsOfVersion2 = 3;
/** More than the file has, so that it is decompressed in one piece; what is not used takes no memory. */
const mostBytes = 2 ** 24;

/** Reads the documents, as `bin/generate-data.ts` wrote them down. */
export function readOpenApiTexts(): OpenApiTexts {
  const file = readFileSync(join(import.meta.dirname, '../../data/openapi.jsonl.br'));
  const lines = linesOf(brotliDecompressSync(file, { chunkSize: mostBytes }));
  const [index, paths, definitions, rest] = lines;
  if (!index || !paths || !definitions || !rest) throw new Error('the OpenAPI documents are cut short');
  const addresses = JSON.parse(index.toString()) as Readonly<Record<string, string>>;
  const v3 = Object.entries(addresses).map(([path, url], at) => {
    const text = lines[1 + partsOfVersion2 + at];
    if (text === undefined) throw new Error(`the OpenAPI document of ${path} is missing`);
    return [path, { url, text }] as const;
  });
  return { v2: { paths, definitions, rest }, v3: new Map(v3) };
}

function linesOf(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let from = 0; from < bytes.length;) {
    const found = bytes.indexOf('\n', from);
    const end = found < 0 ? bytes.length : found;
    lines.push(bytes.subarray(from, end));
    from = end + 1;
  }
  return lines;
}
