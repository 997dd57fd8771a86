/** One clear message for the person at the keyboard: what is wrong and how to mend it. */
export class SandboxError extends Error {
  readonly fix: string | undefined;
  readonly exitCode: 1 | 2;

  constructor(message: string, options: { fix?: string; exitCode?: 1 | 2; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'SandboxError';
    this.fix = options.fix;
    this.exitCode = options.exitCode ?? 1;
  }
}

/** What to print for anything that was thrown, and the exit code that goes with it. */
export function explain(error: unknown): { readonly text: string; readonly exitCode: number } {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof SandboxError) {
    return {
      text: `error: ${message}${error.fix === undefined ? '' : `\n  fix: ${error.fix}`}`,
      exitCode: error.exitCode,
    };
  }
  if (isNodeError(error) && (error.code === 'ENOSPC' || error.code === 'EDQUOT')) {
    return {
      text: `error: the disk is full (${message})\n  fix: free some space, or choose another place with --data DIR`,
      exitCode: 1,
    };
  }
  if (isNodeError(error) && (error.code === 'EACCES' || error.code === 'EROFS')) {
    return {
      text: `error: no permission (${message})\n  fix: choose a directory you can write with --data DIR`,
      exitCode: 1,
    };
  }
  return { text: `error: ${message}`, exitCode: 1 };
}

/** Whether an error comes from the operating system, with its code. */
export function isNodeError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error;
}
