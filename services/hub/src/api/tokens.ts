import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { ConfigError, errorText } from '@meridian/runtime';
import type { Clock } from '@meridian/runtime';

/** Who may use the API. */
export interface TokenBook {
  /** The name of the token in an Authorization header; undefined when it is missing or wrong. */
  identify(authorization: string | undefined): string | undefined;
}

interface Token {
  readonly name: string;
  readonly hash: Buffer;
}

const line = /^([\w.@-]{1,64})\s+([0-9a-fA-F]{64})$/;
const rereadMs = 1_000;
const longestTokenChars = 512;

/**
 * Opens a tokens file: lines `name sha256hex`, blank lines and lines that begin with `#` are passed over. Throws ConfigError when
 * it cannot be read, has a bad line or no token. A changed file counts within a second; a broken change is logged and not taken.
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
      return tokens.reduce<string | undefined>(
        (found, known) => (timingSafeEqual(hash, known.hash) ? known.name : found),
        undefined,
      );
    },
  };
}

function readTokens(path: string): Token[] {
  const problems: string[] = [];
  const tokens: Token[] = [];
  for (const [index, text] of readText(path).split('\n').entries()) {
    const trimmed = text.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const [, name, hex] = line.exec(trimmed) ?? [];
    if (name === undefined || hex === undefined)
      problems.push(`${path}:${index + 1}: must be \`name sha256hex\``);
    else tokens.push({ name, hash: Buffer.from(hex, 'hex') });
  }
  if (problems.length > 0) throw new ConfigError(problems.slice(0, 20));
  if (tokens.length > 0) return tokens;
  throw new ConfigError([
    `MERIDIAN_API_TOKENS_FILE: ${path} holds no token, and the API never answers without one; add a line: name $(printf %s TOKEN | sha256sum)`,
  ]);
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
