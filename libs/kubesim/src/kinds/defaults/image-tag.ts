const tagForm = /^\w[\w.-]{0,127}$/;
const digestForm = /^[A-Za-z][A-Za-z0-9]*([-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;
const partForm = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*$/;
const hostForm =
  /^(([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(\.([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*|\[[a-fA-F0-9:]+\])(:[0-9]+)?$/;

const hexLengths: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 };
const longestName = 255;

/**
 * The tag of an image as the API server reads it (github.com/distribution/reference): `latest` when there is neither a tag nor
 * a digest; empty when there is only a digest, or when the text names no image.
 */
export function imageTag(image: string): string {
  const [named = '', ...digests] = image.split('@');
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  const tags = colon < 0 ? [] : [named.slice(colon + 1)];
  const name = colon < 0 ? named : named.slice(0, colon);
  // What looks like the ID of an image is no name.
  const isId = /^[a-f0-9]{64}$/.test(image);
  if (isId || !isName(name) || !tags.every(isTag) || !areDigests(digests)) return '';
  return tags[0] ?? (digests.length === 0 ? 'latest' : '');
}

function isTag(tag: string): boolean {
  return tagForm.test(tag);
}

/** A path, after the host of a registry when the first part looks like one. */
function isName(name: string): boolean {
  if (name.length > longestName) return false;
  const [first = '', ...rest] = name.split('/');
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost' || /[A-Z]/.test(first));
  if (isHost && !hostForm.test(first)) return false;
  return (isHost ? rest : [first, ...rest]).every((part) => partForm.test(part));
}

function areDigests(digests: readonly string[]): boolean {
  return digests.length <= 1 && digests.every(isDigest);
}

function isDigest(digest: string): boolean {
  if (!digestForm.test(digest)) return false;
  const [algorithm = '', hex = ''] = digest.split(':');
  return hexLengths[algorithm] === hex.length && hex === hex.toLowerCase();
}
