import type { JsonObject } from '@meridian/manifests';
import { isJsonObject } from '../json.ts';

/** A data key as it was encrypted for one reader. */
export interface AgeEntry {
  /** The public key, as people know their keys by. */
  readonly recipient: string;
  /** Armored age file. */
  readonly enc: string;
}

/** What SOPS wrote beside the values: for whom the data key was encrypted. */
export interface SopsMetadata {
  readonly age: readonly AgeEntry[];
  /** Key services other than age that have the data key too, as people call them. */
  readonly others: readonly string[];
  /** The data key is cut in parts for several groups of keys (Shamir). */
  readonly isShared: boolean;
}

const services: readonly (readonly [field: string, name: string])[] = [
  ['pgp', 'PGP'],
  ['kms', 'AWS KMS'],
  ['gcp_kms', 'Google Cloud KMS'],
  ['azure_kv', 'Azure Key Vault'],
  ['hc_vault', 'Vault'],
];

/** Reads the `sops` field of a file; undefined when it is not what SOPS writes (getsops/sops, stores/stores.go). */
export function readSopsMetadata(sops: unknown): SopsMetadata | undefined {
  if (!isJsonObject(sops) || typeof sops['mac'] !== 'string') return undefined;
  return {
    age: entriesOf(sops['age']),
    others: services
      .filter(([field]) => Array.isArray(sops[field]) && sops[field].length > 0)
      .map(([, name]) => name),
    isShared: Array.isArray(sops['key_groups']) && sops['key_groups'].length > 1,
  };
}

function entriesOf(age: unknown): readonly AgeEntry[] {
  if (!Array.isArray(age)) return [];
  return age.flatMap((entry: unknown) => {
    if (!isJsonObject(entry)) return [];
    const { recipient, enc } = entry;
    return typeof recipient === 'string' && typeof enc === 'string' ? { recipient, enc } : [];
  });
}

/**
 * The same from the flat names of a dotenv file (`sops_age__list_0__map_enc`), where line ends are written `\n`
 * (getsops/sops, stores/flatten.go).
 */
export function readFlatMetadata(values: { readonly [name: string]: string }): SopsMetadata | undefined {
  if (values['sops_mac'] === undefined) return undefined;
  const sops: { [field: string]: JsonObject[string] } = { mac: values['sops_mac'] };
  for (const field of ['age', ...services.map(([name]) => name)]) sops[field] = flatList(values, field);
  return readSopsMetadata(sops);
}

const maxEntries = 100;

function flatList(values: { readonly [name: string]: string }, field: string): readonly JsonObject[] {
  const list: JsonObject[] = [];
  for (let index = 0; index < maxEntries; index += 1) {
    const prefix = `sops_${field}__list_${index}__map_`;
    const names = Object.keys(values).filter((name) => name.startsWith(prefix));
    if (names.length === 0) break;
    list.push(
      Object.fromEntries(
        names.map((name) => [name.slice(prefix.length), (values[name] ?? '').replaceAll('\\n', '\n')]),
      ),
    );
  }
  return list;
}
