/** Shows what is being done and for how long. One step at a time. */
export interface Progress {
  begin(title: string): void;
  /** What the step is busy with now. */
  detail(text: string): void;
  end(outcome: 'done' | 'failed'): void;
  /** Text of its own, newlines inside are kept. */
  say(text: string): void;
}

/** A progress message on its way from a background process to the terminal that started it. */
export type ProgressMessage =
  | { readonly kind: 'begin' | 'detail' | 'say'; readonly text: string }
  | { readonly kind: 'end'; readonly outcome: 'done' | 'failed' };

/** Runs one step and shows it. */
export async function step<T>(progress: Progress, title: string, work: () => Promise<T>): Promise<T> {
  progress.begin(title);
  try {
    const result = await work();
    progress.end('done');
    return result;
  } catch (error) {
    progress.end('failed');
    throw error;
  }
}

/** Progress on a stream: one updating line per step on a terminal, plain lines elsewhere. */
export function streamProgress(stream: NodeJS.WriteStream): Progress {
  return stream.isTTY ? terminalProgress(stream) : plainProgress((text) => void stream.write(`${text}\n`));
}

/** Sends progress to whoever reads it; used by the background process. */
export function messageProgress(send: (message: ProgressMessage) => void): Progress {
  return {
    begin: (text) => send({ kind: 'begin', text }),
    detail: (text) => send({ kind: 'detail', text }),
    end: (outcome) => send({ kind: 'end', outcome }),
    say: (text) => send({ kind: 'say', text }),
  };
}

/** Shows a message that was sent. */
export function replay(progress: Progress, message: ProgressMessage): void {
  if (message.kind === 'end') progress.end(message.outcome);
  else progress[message.kind](message.text);
}

/** Plain lines, for logs and pipes. */
export function plainProgress(write: (line: string) => void): Progress {
  let title = '';
  let startedMs = 0;
  return {
    begin(text) {
      title = text;
      startedMs = performance.now();
      write(`${text} …`);
    },
    detail: (text) => write(`  ${text}`),
    end: (outcome) => write(`${title}: ${outcome} (${seconds(startedMs)} s)`),
    say: write,
  };
}

function terminalProgress(stream: NodeJS.WriteStream): Progress {
  let title = '';
  let detail = '';
  let startedMs = 0;
  let timer: NodeJS.Timeout | undefined;
  const draw = () => {
    const text = `… ${title} ${Math.floor((performance.now() - startedMs) / 1000)} s${detail === '' ? '' : `  ${detail}`}`;
    stream.write(`\r\x1b[2K${text.slice(0, Math.max(20, stream.columns - 1))}`);
    timer = setTimeout(draw, 500);
  };
  return {
    begin(text) {
      clearTimeout(timer);
      title = text;
      detail = '';
      startedMs = performance.now();
      draw();
    },
    detail(text) {
      detail = text;
    },
    end(outcome) {
      clearTimeout(timer);
      stream.write(`\r\x1b[2K${outcome === 'done' ? '✓' : '✗'} ${title} (${seconds(startedMs)} s)\n`);
    },
    say: (text) => void stream.write(`${text}\n`),
  };
}

function seconds(startedMs: number): string {
  return ((performance.now() - startedMs) / 1000).toFixed(1);
}
