/** Exit codes of every command, as `meridian --help` tells them. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, unreachable: 3, denied: 4, changes: 5 } as const;

/** What went wrong for the person at the keyboard: what, why, and how to mend it. */
export class CliError extends Error {
  readonly exitCode: number;
  readonly fix: string | undefined;

  constructor(exitCode: number, message: string, fix?: string) {
    super(message);
    this.name = 'CliError';
    this.exitCode = exitCode;
    this.fix = fix;
  }
}
