import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { errorText } from './fault.ts';

/** All mistakes of a configuration at once, one line each. */
export class ConfigError extends Error {
  constructor(problems: readonly string[]) {
    super(`configuration is not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/**
 * Parses the environment with a zod object whose keys are variable names; empty strings count as unset.
 * Throws ConfigError that lists every mistake with the variable's name.
 */
export function loadConfig<T extends z.ZodType>(
  schema: T,
  env: { readonly [name: string]: string | undefined },
): z.output<T> {
  const present = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = schema.safeParse(present);
  if (parsed.success) return parsed.data;
  throw new ConfigError(
    parsed.error.issues.map((issue) => `${issue.path.join('.') || 'environment'}: ${issue.message}`),
  );
}

/** The trimmed text of a secret file. Errors name the file, never its content. */
export function readSecretFile(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new ConfigError([`${path}: ${errorText(error)}`]);
  }
}
