/** Everything a command touches of its process, so that tests can pass their own. */
export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  /** What is piped in; read by commands that are told to. */
  readonly stdin: AsyncIterable<Uint8Array | string>;
  readonly env: { readonly [name: string]: string | undefined };
  readonly cwd: string;
  /** Aborts when the person presses Ctrl-C or the reader of our output is gone. */
  readonly signal: AbortSignal;
  nowMs(): number;
}

/** Where text goes; `columns` is set on terminals only. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** The real process. Ends it quietly when a reader such as `head` closes the pipe. */
export function processIo(): Io {
  const stopping = new AbortController();
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(0);
      throw error;
    });
  }
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.on(signal, () => {
      if (stopping.signal.aborted) process.exit(code);
      process.exitCode = code;
      stopping.abort(new StoppedError(code));
    });
  }
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    // Made when it is asked for: an open standard input would keep the process.
    get stdin() {
      return process.stdin;
    },
    env: process.env,
    cwd: process.cwd(),
    signal: stopping.signal,
    nowMs: () => Date.now(),
  };
}

/** Reason of an abort that a person asked for; `exitCode` is what the shell expects of that signal. */
export class StoppedError extends Error {
  readonly exitCode: number;
  constructor(exitCode: number) {
    super('stopped');
    this.name = 'StoppedError';
    this.exitCode = exitCode;
  }
}
