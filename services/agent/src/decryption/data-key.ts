import type { AgeEntry, SopsMetadata } from './sops-metadata.ts';
import { invalid } from './sops-value.ts';

const dataKeyLength = 32;

/** Each try costs about a millisecond for each key, and for each reader that the age file of an entry names. */
const most = { entries: 100, characters: 4_096 };

/** Opens the data key of a file with one of the identities. Throws FaultError `invalid` that says which key would. */
export async function openDataKey(metadata: SopsMetadata, identities: readonly string[]): Promise<Buffer> {
  if (metadata.isShared)
    throw invalid('its data key is shared between groups of keys (Shamir), which is not supported');
  if (metadata.age.length === 0) throw invalid(withoutAge(metadata));
  if (metadata.age.length > most.entries || metadata.age.some(({ enc }) => enc.length > most.characters))
    throw invalid(
      `it is encrypted for ${metadata.age.length} age recipients; at most ${most.entries} are tried, with ${most.characters} characters each`,
    );
  if (identities.length === 0)
    throw invalid(
      `it is encrypted for ${recipientsOf(metadata)}, and this agent has no age keys for its namespace; give them with decryption.secretName of its chart`,
    );
  // Only agents that have something to decrypt load the library.
  const { Decrypter, armor } = await import('age-encryption');
  const decrypter = new Decrypter();
  for (const [index, identity] of identities.entries()) {
    try {
      decrypter.addIdentity(identity);
    } catch {
      // What the library says may quote the key.
      throw invalid(`age key ${index + 1} of this agent is damaged`);
    }
  }
  for (const entry of metadata.age) {
    const key = await opened(entry, (enc) => decrypter.decrypt(armor.decode(enc)));
    if (key) return key;
  }
  throw invalid(
    `it is encrypted for ${recipientsOf(metadata)}, and none of the ${identities.length} age keys of this agent for its namespace is one of these`,
  );
}

/** Undefined when no key fits this entry, or when it is damaged: another one may be whole. */
async function opened(
  { enc }: AgeEntry,
  decrypt: (enc: string) => Promise<Uint8Array>,
): Promise<Buffer | undefined> {
  try {
    const key = Buffer.from(await decrypt(enc));
    return key.length === dataKeyLength ? key : undefined;
  } catch {
    return undefined;
  }
}

function withoutAge({ others }: SopsMetadata): string {
  const who = others.length === 0 ? 'nobody' : others.join(' and ');
  return `it is encrypted for ${who}, and agents decrypt with age: add the age key of this cluster to its recipients`;
}

const shownRecipients = 5;

function recipientsOf({ age }: SopsMetadata): string {
  const names = age.slice(0, shownRecipients).map(({ recipient }) => recipient);
  const more = age.length > shownRecipients ? [`${age.length - shownRecipients} more`] : [];
  return [...names, ...more].join(', ');
}
