import { isMap, isPair, isScalar, parseAllDocuments, Scalar, visit } from 'yaml';
import type { Document } from 'yaml';
import { readFlatMetadata, readSopsMetadata } from './sops-metadata.ts';
import type { SopsMetadata } from './sops-metadata.ts';
import { jsonOf } from './sops-tree.ts';
import { decryptValue, invalid, isEncrypted } from './sops-value.ts';
import type { SopsValue } from './sops-value.ts';

/** Gives the data key of a file. Throws FaultError `invalid` when no key of this agent opens it. */
export type OpenDataKey = (metadata: SopsMetadata) => Promise<Buffer>;

/** More than a Secret can hold (1 MiB) with room for what encryption adds. */
const maxFileBytes = 4 * 1024 * 1024;

/**
 * Decrypts a file that SOPS has encrypted as a whole, as generators put them in Secrets; the same bytes when it is none.
 * What it is goes by the ending of its name, as with SOPS and Flux: JSON, YAML, dotenv, else a file of any other kind.
 * Throws FaultError `invalid`.
 */
export async function decryptFile(name: string, bytes: Buffer, open: OpenDataKey): Promise<Buffer> {
  if (!bytes.includes('ENC[AES256_GCM,') || !bytes.includes('sops')) return bytes;
  if (bytes.length > maxFileBytes) throw invalid(`an encrypted file of ${bytes.length} bytes is too large`);
  const text = bytes.toString('utf8');
  if (name.endsWith('.env')) return decryptDotenv(text, open);
  if (/\.(json|ya?ml)$|^\.dockerconfigjson$/.test(name)) return decryptDocuments(text, open);
  if (name.endsWith('.ini'))
    throw invalid('encrypted INI files are not supported; encrypt it with --input-type binary');
  return decryptBinary(bytes, open);
}

/** A file of any other kind is encrypted as one value, in a JSON file (getsops/sops, stores/json, BinaryStore). */
async function decryptBinary(bytes: Buffer, open: OpenDataKey): Promise<Buffer> {
  const [found] = fileOf(bytes.toString('utf8'));
  const data: unknown = found?.get('data');
  const metadata = found && metadataOf(found);
  if (!metadata || typeof data !== 'string') return bytes;
  return decryptValue(data, await open(metadata), ['data']).bytes;
}

/** JSON and YAML: values are put in where they stand, so that comments, order and what was not encrypted stay. */
async function decryptDocuments(text: string, open: OpenDataKey): Promise<Buffer> {
  const documents = fileOf(text);
  const [first] = documents;
  const metadata = first && metadataOf(first);
  if (!metadata) return Buffer.from(text);
  const dataKey = await open(metadata);
  for (const document of documents) decryptDocument(document, dataKey);
  const asJson = text.trimStart().startsWith('{');
  const options = { lineWidth: 0, doubleQuotedAsJSON: asJson };
  return Buffer.from(documents.map((document) => document.toString(options)).join(''));
}

function decryptDocument(document: Document.Parsed, dataKey: Buffer): void {
  if (isMap(document.contents)) document.delete('sops');
  visit(document, {
    Scalar(key, node, ancestors) {
      if (key === 'key' || typeof node.value !== 'string' || !isEncrypted(node.value)) return undefined;
      const path = ancestors.flatMap((each) =>
        isPair(each) && isScalar(each.key) ? String(each.key.value) : [],
      );
      return decryptedScalar(node, decryptValue(node.value, dataKey, path));
    },
  });
}

/** A text keeps the quotes that it had; a bare one gets them when it would be read as something else. */
function decryptedScalar(node: Scalar, found: SopsValue): Scalar {
  const value = found.type === 'int' ? BigInt(found.bytes.toString()) : jsonOf(found);
  const scalar = new Scalar(value);
  if (typeof value === 'string' && node.type !== undefined && node.type !== 'PLAIN') scalar.type = node.type;
  return scalar;
}

function metadataOf(document: Document.Parsed): SopsMetadata | undefined {
  const sops: unknown = document.get('sops');
  return isMap(sops) ? readSopsMetadata(sops.toJS(document)) : undefined;
}

/** The documents of a file. Integers of any size stay as they are written. */
function fileOf(text: string): readonly Document.Parsed[] {
  try {
    const found = parseAllDocuments(text, { intAsBigInt: true, logLevel: 'silent' });
    const documents = Array.isArray(found) ? found : [];
    const isBroken = documents.some(({ errors }) => errors.length > 0);
    if (!isBroken) return documents;
  } catch {
    // Nested deeper than the stack; what the library says of a file may quote it.
  }
  throw invalid('an encrypted file is neither JSON nor YAML');
}

/** Values are bare, one on each line, and so are the names that SOPS adds. */
async function decryptDotenv(text: string, open: OpenDataKey): Promise<Buffer> {
  const lines = text.split('\n');
  const values = Object.fromEntries(lines.map(splitLine));
  const metadata = readFlatMetadata(values);
  if (!metadata) return Buffer.from(text);
  const dataKey = await open(metadata);
  const kept = lines.filter((line) => !line.startsWith('sops_'));
  const decrypted = kept.map((line) => {
    const [name, value] = splitLine(line);
    if (!isEncrypted(value)) return line;
    return `${name}=${decryptLine(value, dataKey, name)}`;
  });
  return Buffer.from(decrypted.join('\n'));
}

/** The value of a line of a dotenv file, as the file has it: in one line. */
export function decryptLine(value: string, dataKey: Buffer, name: string): string {
  return decryptValue(value, dataKey, [name]).bytes.toString('utf8').replaceAll('\n', '\\n');
}

function splitLine(line: string): readonly [name: string, value: string] {
  const at = line.indexOf('=');
  return at === -1 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
}
