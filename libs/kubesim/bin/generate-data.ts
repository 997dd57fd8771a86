import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { brotliCompressSync, constants } from 'node:zlib';
import { startControlPlane, tempDir } from '@meridian/testkit';
import type { ApiServerAccess } from '@meridian/testkit';

// Asks a real API server what it serves, and Go how it encodes what is served, and writes both into `data/`.
// Run it again after a change of the Kubernetes version: node libs/kubesim/bin/generate-data.ts

type Document = Record<string, unknown>;

const aggregatedDiscovery = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const tableOf = 'application/json;as=Table;v=v1;g=meta.k8s.io';
const folder = join(import.meta.dirname, '../data');
await using dir = await tempDir('generate-data');
await using server = await startControlPlane({
  name: 'generate',
  dir: dir.path,
  durable: false,
  minimal: true,
});

const groups = await get(server, '/apis');
const paths = ['/api/v1', ...(groups['groups'] as Document[]).flatMap(groupPaths)];
const discovery: Record<string, unknown> = { '/api': await get(server, '/api'), '/apis': groups };
for (const path of paths) discovery[path] = await get(server, path);
const aggregated = {
  '/api': await get(server, '/api', aggregatedDiscovery),
  '/apis': await get(server, '/apis', aggregatedDiscovery),
};
const index = (await get(server, '/openapi/v3'))['paths'] as Record<string, { serverRelativeURL: string }>;
const v3: Record<string, { url: string; document: Document }> = {};
for (const [path, { serverRelativeURL: url }] of Object.entries(index)) {
  v3[path] = { url, document: await get(server, url) };
}
const v2 = await get(server, '/openapi/v2');
const version = await get(server, '/version');
const columns = await columnsOf(server, paths);
const go = await goFacts();
const types = typesOf(
  Object.values(v3).map(({ document }) => document),
  go.json,
);

await mkdir(folder, { recursive: true });
await write('catalog.json.br', [{ version, discovery, aggregated, types, columns, wire: go.wire }]);
await write('openapi.jsonl.br', openApiLines());
await write('internal.json.br', [await goRun('go-internal/main.go')]);

/** What `src/schema/open-api-texts.ts` reads: addresses, the parts of version 2, and the documents of version 3. */
function openApiLines(): unknown[] {
  const addresses = Object.entries(v3).map(([path, { url }]) => [path, url] as const);
  const { paths: operations, definitions, ...rest } = v2;
  const documents = Object.values(v3).map(({ document }) => document);
  return [Object.fromEntries(addresses), operations, definitions, rest, ...documents];
}

function groupPaths(group: Document): string[] {
  const versions = (group['versions'] as { groupVersion: string }[]).map((served) => served.groupVersion);
  return [String(group['name']), ...versions].map((path) => `/apis/${path}`);
}

async function get(access: ApiServerAccess, path: string, accept = 'application/json'): Promise<Document> {
  const headers = { authorization: `Bearer ${access.token}`, accept };
  const asked = request(new URL(path, access.url), { ca: access.caPem, headers, agent: false });
  return new Promise((resolve, reject) => {
    asked.once('error', reject);
    asked.once('response', (answer) => {
      if (answer.statusCode === 200) resolve(json(answer) as Promise<Document>);
      else reject(new Error(`GET ${path} was answered with ${String(answer.statusCode)}`));
    });
    asked.end();
  });
}

/** The columns of each resource's table, which an empty list shows too, by group version and plural: `apps/v1/deployments`. */
async function columnsOf(access: ApiServerAccess, served: readonly string[]): Promise<Document> {
  const found: Document = {};
  for (const path of served) {
    const { resources = [], groupVersion } = discovery[path] as {
      resources?: Document[];
      groupVersion?: string;
    };
    for (const { name, verbs } of resources) {
      if (!(verbs as string[]).includes('list')) continue;
      const table = await get(access, `${path}/${String(name)}?limit=1`, tableOf);
      found[`${String(groupVersion)}/${String(name)}`] = table['columnDefinitions'];
    }
  }
  return found;
}

/** What Go says of each struct: how its fields look in JSON, and on the wire of protobuf. */
interface GoFacts {
  readonly json: Record<string, Record<string, unknown>>;
  readonly wire: Record<string, unknown>;
}

/** What one of the Go programs beside this file writes. */
async function goRun(name: string): Promise<unknown> {
  const program = join(import.meta.dirname, name);
  const module = join(import.meta.dirname, '../../testkit/parts/kubernetes');
  const { stdout } = await promisify(execFile)('go', ['run', program], { cwd: module, maxBuffer: 2 ** 26 });
  return JSON.parse(stdout) as unknown;
}

async function goFacts(): Promise<GoFacts> {
  const { json, wire } = (await goRun('go-types/main.go')) as GoFacts;
  const renamed = Object.entries(json).map(([name, fields]) => [
    name.replace('k8s.io', 'io.k8s').replaceAll('/', '.'),
    fields,
  ]);
  return { json: Object.fromEntries(renamed) as GoFacts['json'], wire };
}

/** The OpenAPI types of all documents, without words, each field beside what Go does with it. */
function typesOf(documents: readonly Document[], go: Record<string, Record<string, unknown>>): Document {
  const found: Document = {};
  for (const document of documents) {
    const components = document['components'] as { schemas?: Record<string, Document> } | undefined;
    for (const [name, schema] of Object.entries(components?.schemas ?? {})) {
      found[name] ??= { ...(withoutWords(schema) as Document), go: go[name] };
    }
  }
  return found;
}

function withoutWords(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutWords);
  if (typeof schema !== 'object' || schema === null) return schema;
  const kept: Document = {};
  for (const [name, value] of Object.entries(schema)) {
    if (name === 'properties') {
      kept[name] = Object.fromEntries(
        Object.entries(value as Document).map(([field, type]) => [field, withoutWords(type)]),
      );
    } else if (name !== 'description' && name !== 'title') kept[name] = withoutWords(value);
  }
  return kept;
}

/** Writes each value as a line of JSON, compressed. */
async function write(name: string, lines: readonly unknown[]): Promise<void> {
  const text = Buffer.from(lines.map((line) => JSON.stringify(line)).join('\n'));
  const params = {
    [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
    [constants.BROTLI_PARAM_SIZE_HINT]: text.length,
  };
  const compressed = brotliCompressSync(text, { params });
  await writeFile(join(folder, name), compressed);
  process.stdout.write(`${name}: ${String(text.length)} bytes, ${String(compressed.length)} compressed\n`);
}
