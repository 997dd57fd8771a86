/** Who asks: the name of the token that was used, and what its line in the tokens file says of the person. */
export interface Caller {
  readonly name: string;
  /** Free words, such as those that approvals ask for. */
  readonly roles: readonly string[];
  /** Mail addresses and names by which git knows the person. */
  readonly identities: readonly string[];
}

/** One line of a tokens file. */
export interface Token {
  readonly caller: Caller;
  /** sha256 of the token. */
  readonly hash: Buffer;
}

const nameForm = /^[\w.@-]{1,64}$/;
const hashForm = /^[0-9a-fA-F]{64}$/;
const roleForm = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
/** A word, or `key="some words"`; names in git have spaces. */
const wordForm = /[^\s"]+"[^"]*"(?=\s|$)|\S+/g;
const detailForm = /^(roles|identity)=(?:"([^"]*)"|([^"]*))$/;
const most = 32;
const longestIdentityChars = 200;

/** What a line is to look like, for messages. */
export const tokenLineForm = 'name sha256hex [roles=ROLE,…] [identity=MAIL-OR-NAME,…]';

/** Reads a line of a tokens file, or says what is wrong with it, without repeating what may be a secret. */
export function parseTokenLine(line: string): Token | string {
  const [name = '', hash = '', ...details] = line.match(wordForm) ?? [];
  if (!nameForm.test(name) || !hashForm.test(hash)) return `must be \`${tokenLineForm}\``;
  const roles: string[] = [];
  const identities: string[] = [];
  for (const [index, detail] of details.entries()) {
    const read = parseDetail(detail);
    if (!read)
      return `word ${index + 3} is neither roles=… nor identity=…; names with spaces are quoted: identity="Jane Doe"`;
    (read.key === 'roles' ? roles : identities).push(...read.values);
  }
  const caller = { name, roles: [...new Set(roles)], identities: [...new Set(identities)] };
  return problemOf(caller) ?? { caller, hash: Buffer.from(hash, 'hex') };
}

function parseDetail(detail: string): { readonly key: string; readonly values: string[] } | undefined {
  const [, key, quoted, plain = ''] = detailForm.exec(detail) ?? [];
  if (key === undefined) return undefined;
  return { key, values: (quoted ?? plain).split(',').map((value) => value.trim()) };
}

function problemOf({ roles, identities }: Caller): string | undefined {
  if (Math.max(roles.length, identities.length) > most) return `has more than ${most} roles or identities`;
  if (!roles.every((role) => roleForm.test(role)))
    return 'a role in roles=… must be lower case letters, digits and dashes, 63 at most';
  return identities.every((identity) => identity !== '' && identity.length <= longestIdentityChars)
    ? undefined
    : `an identity in identity=… must have 1 to ${longestIdentityChars} characters: a mail address or name as git writes it`;
}
