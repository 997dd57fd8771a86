import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { SandboxError } from './sandbox-error.ts';

/** What listens where; names such as `hub-1 api`. */
export type Ports = { readonly [purpose: string]: number };

// Below the ephemeral range of Linux and macOS, so that no outgoing connection sits on a remembered port.
const firstPort = 20_000;
const lastPort = 31_999;

/** Picks a free port for every purpose that has none yet; `random` in [0, 1) says where to begin. */
export async function allocatePorts(
  purposes: readonly string[],
  known: Ports,
  random: number,
): Promise<Ports> {
  const ports = new Map(Object.entries(known));
  const taken = new Set(ports.values());
  let candidate = firstPort + Math.floor(random * (lastPort - firstPort));
  for (const purpose of purposes) {
    if (ports.has(purpose)) continue;
    for (let tries = 0; taken.has(candidate) || !(await isFree(candidate)); tries += 1) {
      if (tries > lastPort - firstPort)
        throw new SandboxError(`no port between ${firstPort} and ${lastPort} is free`);
      candidate = candidate >= lastPort ? firstPort : candidate + 1;
    }
    taken.add(candidate);
    ports.set(purpose, candidate);
  }
  return Object.fromEntries(ports);
}

/** Throws when a port that this data directory remembers is in use: kubeconfigs and URLs given out earlier name it. */
export async function checkPorts(ports: Ports, resetCommand: string): Promise<void> {
  for (const [purpose, port] of Object.entries(ports)) {
    if (await isFree(port)) continue;
    const owner = listenerOf(port);
    throw new SandboxError(`port ${port} (${purpose}) is taken by ${owner ?? 'another process'}`, {
      fix: `stop that process, or begin anew with other ports: ${resetCommand}`,
    });
  }
}

/** Whether 127.0.0.1 can be listened on at a port now. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** `process 123 (name)` that listens on a port, as far as this user may see it; Linux only. */
function listenerOf(port: number): string | undefined {
  const inodes = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => listeningInodes(table, port));
  if (inodes.length === 0) return undefined;
  const sockets = new Set(inodes.map((inode) => `socket:[${inode}]`));
  const pid = numbersIn('/proc').find((id) =>
    numbersIn(`/proc/${id}/fd`).some((fd) => sockets.has(linkOf(`/proc/${id}/fd/${fd}`))),
  );
  return pid === undefined ? undefined : `process ${pid} (${textOf(`/proc/${pid}/comm`).trim()})`;
}

/** Columns of https://www.kernel.org/doc/html/latest/networking/proc_net_tcp.html; state 0A listens. */
function listeningInodes(table: string, port: number): string[] {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = textOf(table)
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/));
  return rows.flatMap((row) =>
    row[1]?.endsWith(wanted) && row[3] === '0A' && row[9] !== undefined ? [row[9]] : [],
  );
}

function numbersIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
