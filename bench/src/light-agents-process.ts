import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { LightAgentConfig } from './light-agent.ts';
import type { LightAgentsAnswer, LightAgentsAsk } from './light-agents.ts';

const program = resolve(import.meta.dirname, 'light-agents.ts');

/** Light agents in a process of their own. */
export interface LightAgentsProcess extends AsyncDisposable {
  readonly pid: number;
  /** One question at a time. Throws when the process has ended. */
  ask(question: LightAgentsAsk): Promise<number>;
}

/** Starts agents and returns when all of them have read what is assigned; they attach meanwhile. */
export async function startLightAgents(
  dir: string,
  configs: readonly LightAgentConfig[],
  signal: AbortSignal,
): Promise<LightAgentsProcess> {
  const file = join(dir, 'light-agents.json');
  await writeFile(file, JSON.stringify(configs), { mode: 0o600 });
  // A thousand agents are a thousand other machines: on this one they take what the hub leaves.
  const child = fork(program, [file], {
    execPath: 'nice',
    execArgv: ['-n', '19', process.execPath],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = new Promise<void>((done) => {
    child.once('exit', () => done());
    child.once('error', () => done());
  });
  // A question that cannot be sent any more is answered by the end of the process.
  child.on('error', () => undefined);
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  const ask = async (question?: LightAgentsAsk): Promise<number> => {
    const over = new AbortController();
    try {
      const within = AbortSignal.any([signal, over.signal]);
      const answered = once(child, 'message', { signal: within });
      const gone = ended.then(() => Promise.reject(new Error('the process of the light agents has ended')));
      gone.catch(() => undefined);
      if (question) child.send(question);
      const [answer] = (await Promise.race([answered, gone])) as [LightAgentsAnswer];
      return answer.value;
    } finally {
      over.abort();
    }
  };
  try {
    await ask();
  } catch (error) {
    await stop();
    throw error;
  }
  return { pid: child.pid ?? 0, ask, [Symbol.asyncDispose]: stop };
}
