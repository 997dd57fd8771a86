import { base64Text } from '@meridian/manifests';
import type { Json, JsonObject, KubeObject } from '@meridian/manifests';
import { isJsonObject } from '../json.ts';
import { bytesOf, dataOf, isSecret, textsOf } from './is-decryptable.ts';
import { decryptFile, decryptLine } from './sops-file.ts';
import type { OpenDataKey } from './sops-file.ts';
import { readFlatMetadata, readSopsMetadata } from './sops-metadata.ts';
import { decryptTree, jsonOf } from './sops-tree.ts';
import { invalid, isEncrypted, isWholeValue } from './sops-value.ts';
import type { SopsValue } from './sops-value.ts';

/**
 * A Secret with everything decrypted that SOPS has encrypted in it, and without what SOPS has written beside it. The
 * checksum over a whole file (`sops.mac`) is not asked: labels, names and namespaces were changed in the build after it was
 * made. Each value proves itself, and the bundle is signed as a whole. Throws FaultError `invalid` that names the field.
 */
export async function decryptSecret(object: KubeObject, open: OpenDataKey): Promise<KubeObject> {
  if (!isSecret(object))
    throw invalid(
      'it has a field "sops", and only Secrets are decrypted: move what is secret into a Secret that it refers to',
    );
  const whole = await decryptWhole(object, open);
  const data = await decryptGenerated(dataOf(whole), open);
  const decrypted = whole['data'] === undefined ? whole : { ...whole, data };
  checkDecrypted(decrypted);
  return decrypted;
}

/** A cipher without its metadata, which a patch may have lost, must not take the place of a secret that works. */
function checkDecrypted(object: KubeObject): void {
  const texts = [
    ...Object.entries(textsOf(object)).map(([key, value]) => ['stringData', key, value] as const),
    ...Object.entries(dataOf(object)).map(
      ([key, value]) => ['data', key, typeof value === 'string' ? bytesOf(value).toString() : ''] as const,
    ),
  ];
  const left = texts.find(([, , value]) => typeof value === 'string' && isWholeValue(value));
  if (!left) return;
  const [field, key] = left;
  throw invalid(
    `${field}.${key} is encrypted, and what SOPS wrote beside it (the field "sops") is missing: keep it in all patches, or encrypt the file again`,
  );
}

async function decryptWhole(object: KubeObject, open: OpenDataKey): Promise<KubeObject> {
  const { sops, apiVersion, kind, metadata, ...content } = object;
  if (sops === undefined) return object;
  const read = readSopsMetadata(sops);
  if (!read) throw invalid('its field "sops" is not what SOPS writes');
  if (hasEncrypted(metadata.annotations) || hasEncrypted(metadata.labels))
    throw invalid('its metadata is encrypted; encrypt with --encrypted-regex "^(data|stringData)$"');
  const decrypted = decryptTree(content, await open(read), { path: [], take: valueAt });
  return { ...(isJsonObject(decrypted) ? decrypted : {}), apiVersion, kind, metadata };
}

function hasEncrypted(texts: { readonly [key: string]: string } | undefined): boolean {
  return Object.values(texts ?? {}).some(isEncrypted);
}

/** Values of a Secret are texts, whatever they look like. */
function valueAt(value: SopsValue, [field]: readonly string[]): Json {
  return field === 'data' || field === 'stringData' ? value.bytes.toString('utf8') : jsonOf(value);
}

/** What a generator has put in from encrypted files: files as they are, or the lines of a dotenv file as keys. */
async function decryptGenerated(data: JsonObject, open: OpenDataKey): Promise<JsonObject> {
  const lines = Object.fromEntries(
    Object.entries(data).map(([key, value]) => [
      key,
      typeof value === 'string' ? bytesOf(value).toString() : '',
    ]),
  );
  const metadata = readFlatMetadata(lines);
  if (metadata) return decryptLines(data, lines, await open(metadata));
  const decrypted: [key: string, value: Json][] = [];
  for (const [key, value] of Object.entries(data)) {
    const file = typeof value === 'string' ? await decryptFile(key, bytesOf(value), open) : undefined;
    decrypted.push([key, file ? file.toString('base64') : value]);
  }
  return Object.fromEntries(decrypted);
}

function decryptLines(
  data: JsonObject,
  lines: { readonly [key: string]: string },
  dataKey: Buffer,
): JsonObject {
  const kept = Object.entries(data).filter(([key]) => !key.startsWith('sops_'));
  return Object.fromEntries(
    kept.map(([key, value]) => {
      const line = lines[key] ?? '';
      return [key, isEncrypted(line) ? base64Text(decryptLine(line, dataKey, key)) : value];
    }),
  );
}
