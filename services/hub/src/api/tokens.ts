import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { ConfigError, errorText } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';
import { parseTokenLine, tokenLineForm } from './token-line.ts';
import type { Caller, Token } from './token-line.ts';

/** Who may use the API. */
export interface TokenBook {
  /** Whose token an Authorization header has; undefined when it is missing or wrong. */
  identify(authorization: string | undefined): Caller | undefined;
}

const rereadMs = 1_000;
const longestTokenChars = 512;

/**
 * Opens a tokens file: lines as `tokenLineForm` says; blank lines and lines that begin with `#` are passed over. Throws ConfigError
 * when it cannot be read, has a bad line, a name or a token twice, or no token. A changed file counts within a second; a broken change is logged and not taken.
 */
export function openTokenBook(
  path: string,
  clock: Clock,
  log: { warn(fields: object, message: string): void },
): TokenBook {
  let tokens = readTokens(path);
  let stamp = stampOf(path);
  let lookedMs = clock.monotonicMs();
  const refresh = () => {
    const nowMs = clock.monotonicMs();
    if (nowMs - lookedMs < rereadMs) return;
    lookedMs = nowMs;
    const next = stampOf(path);
    if (next === stamp) return;
    stamp = next;
    try {
      tokens = readTokens(path);
    } catch (error) {
      log.warn(
        { file: path, error: errorText(error) },
        'the tokens file cannot be used; the last tokens stay',
      );
    }
  };
  return {
    identify(authorization) {
      refresh();
      const [, token] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
      if (token === undefined || token.length > longestTokenChars) return undefined;
      const hash = createHash('sha256').update(token).digest();
      // Looks at every token, so that the time tells nothing.
      return tokens.reduce<Caller | undefined>(
        (found, known) => (timingSafeEqual(hash, known.hash) ? known.caller : found),
        undefined,
      );
    },
  };
}

function readTokens(path: string): Token[] {
  const problems: string[] = [];
  const tokens: Token[] = [];
  const lines = new Map<string, number>();
  for (const [index, text] of readText(path).split('\n').entries()) {
    const trimmed = text.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const read = parseTokenLine(trimmed);
    const problem = typeof read === 'string' ? read : repeated(read, lines, index + 1);
    if (problem !== undefined) problems.push(`${path}:${index + 1}: ${problem}`);
    else if (typeof read !== 'string') tokens.push(read);
  }
  if (problems.length > 0) throw new ConfigError(problems.slice(0, 20));
  if (tokens.length > 0) return tokens;
  throw new ConfigError([
    `MERIDIAN_API_TOKENS_FILE: ${path} holds no token, and the API never answers without one; add a line: ${tokenLineForm}, with the hash of $(printf %s TOKEN | sha256sum)`,
  ]);
}

/** Why a line cannot stand beside those before it: who asks has to be one person. */
function repeated({ caller, hash }: Token, lines: Map<string, number>, at: number): string | undefined {
  const keys = [`name ${caller.name}`, `hash ${hash.toString('hex')}`] as const;
  const [withName, withHash] = keys.map((key) => lines.get(key));
  for (const key of keys) if (!lines.has(key)) lines.set(key, at);
  if (withName !== undefined)
    return `the name ${caller.name} is in line ${withName} already; give each token a name of its own, and the same identity=… to those of one person`;
  return withHash === undefined ? undefined : `has the same token as line ${withHash}`;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError([`MERIDIAN_API_TOKENS_FILE: ${errorText(error)}`]);
  }
}

function stampOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found ? `${found.mtimeMs} ${found.size} ${found.ino}` : '';
}
