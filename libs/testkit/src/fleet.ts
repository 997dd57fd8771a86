import { execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Root of the repository. */
export const repoRoot = resolve(import.meta.dirname, '../../..');

/** What a finished command said. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The parts of `sandbox.json` that a test drives. */
export interface SandboxFile {
  readonly repo: string;
  readonly branch: string;
  readonly api: string;
  readonly console: string;
  readonly clusters: readonly {
    readonly name: string;
    readonly region: string;
    readonly kubeconfig: string;
  }[];
  readonly processes: readonly { readonly name: string; readonly pid: number }[];
}

/** Runs a program to its end; never throws on a non-zero exit. */
export function run(
  file: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; timeoutMs?: number } = {},
): Promise<Ran> {
  return new Promise((done) => {
    execFile(
      file,
      [...args],
      {
        cwd: options.cwd ?? repoRoot,
        env: options.env ?? process.env,
        timeout: options.timeoutMs ?? 120_000,
        killSignal: 'SIGKILL',
        maxBuffer: 64 * 1024 * 1024,
      },
      (error, stdout, stderr) => {
        const code = error ? (typeof error.code === 'number' ? error.code : 255) : 0;
        done({ code, stdout, stderr });
      },
    );
  });
}

/** Waits until `probe` gives something other than undefined; the last reason is in the error when time runs out. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined>,
  timeoutMs = 60_000,
): Promise<T> {
  const end = performance.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await probe();
      if (value !== undefined) return value;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end) throw new Error(`waited ${timeoutMs} ms for: ${what}`, { cause: last });
    await new Promise((next) => setTimeout(next, 50));
  }
}

/** A running fleet, driven only from outside: its sandbox file, its API, its command line, git and kubectl. */
export class Fleet {
  readonly data: string;

  constructor(data: string) {
    this.data = data;
  }

  /** `npm start -- --detach` without npm: returns when the fleet is healthy, or with the command's own failure. */
  static start(data: string, more: readonly string[] = []): Promise<Ran> {
    return run(
      process.execPath,
      ['services/sandbox/src/main.ts', 'start', '--detach', '--data', data, ...more],
      { timeoutMs: 900_000 },
    );
  }

  stop(): Promise<Ran> {
    return run(process.execPath, ['services/sandbox/src/main.ts', 'stop', '--data', this.data], {
      timeoutMs: 120_000,
    });
  }

  reset(): Promise<Ran> {
    return run(process.execPath, ['services/sandbox/src/main.ts', 'reset', '--data', this.data], {
      timeoutMs: 120_000,
    });
  }

  get file(): SandboxFile {
    return JSON.parse(readFileSync(join(this.data, 'sandbox.json'), 'utf8')) as SandboxFile;
  }

  /** Process id of a supervised process; throws when there is none. */
  pid(name: string): number {
    const found = this.file.processes.find((process) => process.name === name);
    if (!found)
      throw new Error(
        `no process ${name} among ${this.file.processes.map((process) => process.name).join(', ')}`,
      );
    return found.pid;
  }

  /** The command line as a user has it. */
  cli(...args: string[]): Promise<Ran> {
    const context = this.#context();
    return run(join(repoRoot, 'services/cli/bin/meridian.mjs'), args, {
      env: { ...process.env, MERIDIAN_API: context.api.join(','), MERIDIAN_TOKEN_FILE: context.tokenFile },
    });
  }

  /** One answer of the fleet API, from the first replica that answers. */
  async api<T>(path: string): Promise<T> {
    const context = this.#context();
    const token = readFileSync(context.tokenFile, 'utf8').trim();
    let last: unknown;
    for (const base of context.api) {
      try {
        const answer = await fetch(`${base}${path}`, {
          headers: { authorization: `Bearer ${token}` },
          signal: AbortSignal.timeout(5_000),
        });
        if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
        return (await answer.json()) as T;
      } catch (error) {
        last = error;
      }
    }
    throw new Error(`no replica answered ${path}`, { cause: last });
  }

  /** kubectl against one cluster; throws with its message when it fails. */
  async kubectl(cluster: string, ...args: string[]): Promise<string> {
    const { kubeconfig } = this.cluster(cluster);
    const ran = await run('kubectl', ['--kubeconfig', kubeconfig, ...args]);
    if (ran.code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${ran.stderr}`);
    return ran.stdout;
  }

  /** One object as JSON; undefined when it is not there. */
  async object(
    cluster: string,
    kind: string,
    namespace: string,
    name: string,
  ): Promise<KubeJson | undefined> {
    const out = await this.kubectl(
      cluster,
      'get',
      kind,
      '-n',
      namespace,
      name,
      '--ignore-not-found',
      '-o',
      'json',
    );
    return out.trim() === '' ? undefined : (JSON.parse(out) as KubeJson);
  }

  #context(): CliContext {
    return JSON.parse(readFileSync(join(this.data, 'cli.json'), 'utf8')) as CliContext;
  }

  cluster(name: string): SandboxFile['clusters'][number] {
    const found = this.file.clusters.find((cluster) => cluster.name === name);
    if (!found) throw new Error(`no cluster ${name}`);
    return found;
  }

  /** The user's own clone of the fleet repo, made on first use. */
  async clone(): Promise<string> {
    const dir = join(this.data, 'e2e-clone');
    if (!existsSync(dir)) {
      await git(this.data, 'clone', '-q', '-b', this.file.branch, this.file.repo, dir);
      await git(dir, 'config', 'user.name', 'Ada Example');
      await git(dir, 'config', 'user.email', 'ada@example.com');
    }
    return dir;
  }

  /** Edits files of the clone, commits and pushes. Gives the commit id. */
  async push(message: string, edit: (dir: string) => Promise<void> | void): Promise<string> {
    const dir = await this.clone();
    await edit(dir);
    await git(dir, 'add', '-A');
    await git(dir, 'commit', '-q', '-m', message);
    await git(dir, 'push', '-q');
    return (await git(dir, 'rev-parse', 'HEAD')).trim();
  }

  /** `git revert` of a commit, pushed. Gives the new commit id. */
  async revert(commit: string): Promise<string> {
    const dir = await this.clone();
    await git(dir, 'revert', '--no-edit', commit);
    await git(dir, 'push', '-q');
    return (await git(dir, 'rev-parse', 'HEAD')).trim();
  }
}

/** Where the command line finds the fleet API. */
interface CliContext {
  readonly api: readonly string[];
  readonly tokenFile: string;
}

/** A Kubernetes object as kubectl prints it. */
export interface KubeJson {
  readonly metadata: {
    readonly name: string;
    readonly labels?: Record<string, string>;
    readonly uid: string;
    readonly resourceVersion: string;
  };
  readonly spec: Record<string, unknown>;
  readonly data?: Record<string, string>;
}

/** git in a directory; throws with its message when it fails. */
export async function git(dir: string, ...args: string[]): Promise<string> {
  const ran = await run('git', ['-C', dir, ...args]);
  if (ran.code !== 0) throw new Error(`git ${args.join(' ')}: ${ran.stderr}`);
  return ran.stdout;
}

/** Replaces text in a file; throws when the text is not there, so that an edit never silently does nothing. */
export function edit(file: string, from: string | RegExp, to: string): void {
  const before = readFileSync(file, 'utf8');
  const after = before.replace(from, to);
  if (after === before) throw new Error(`${file} has no ${String(from)}`);
  writeFileSync(file, after);
}

/** A process in the foreground whose output is kept, for tests of Ctrl-C. */
export function foreground(args: readonly string[]): {
  child: ReturnType<typeof spawn>;
  output: () => string;
  ended: Promise<number>;
} {
  const child = spawn(process.execPath, [...args], { cwd: repoRoot, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<number>((done) =>
    child.on('exit', (code, signal) => done(code ?? (signal ? 128 : 255))),
  );
  return { child, output: () => output, ended };
}

/** Whether a process lives. */
export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
