import { spawn } from 'node:child_process';
import { sampleOverlays, withChangedBase, withChangedOverlay } from './resolver-files.ts';

type Files = { readonly [path: string]: string };

/** How large a fleet is. */
export interface FleetSize {
  readonly clusters: number;
  readonly applications: number;
  /** Each of them is eight objects of every application. */
  readonly models: number;
}

/** Three states of a fleet repo: everything, one line of one base changed, and then one line of one overlay. */
export function sampleFleet({ clusters, applications, models }: FleetSize): readonly Files[] {
  const first = sampleOverlays(clusters, models);
  const base = withChangedBase(first);
  const names = Array.from({ length: applications }, (_, index) => `app-${index}`);
  const fleet: { [path: string]: string } = {
    'fleet/strategy.yaml': `apiVersion: meridian.dev/v1alpha1
kind: RolloutStrategy
metadata: { name: all }
spec: { stages: [{ name: all, clusters: {} }] }
`,
    'fleet/clusters.yaml': Array.from({ length: clusters }, (_, index) => clusterText(index)).join('---\n'),
  };
  for (const name of names) fleet[`fleet/${name}.yaml`] = applicationText(name);
  const state = (files: Files): Files => ({
    ...fleet,
    ...Object.fromEntries(names.flatMap((name) => placed(name, name === 'app-0' ? files : first))),
  });
  return [first, base, withChangedOverlay(base, 0)].map(state);
}

/** The files of one application; its objects have names of their own, so that no two applications have a file in common. */
function placed(application: string, files: Files): (readonly [string, string])[] {
  const named = (text: string): string => text.replaceAll(/model(?=[-.])/g, `model-${application}`);
  return Object.entries(files).map(([path, text]) => {
    const place = `applications/${application}/${named(path)}`;
    return [place, named(text)] as const;
  });
}

function clusterText(index: number): string {
  return `apiVersion: meridian.dev/v1alpha1
kind: Cluster
metadata: { name: c${index}, labels: { region: r${index % 20} } }
`;
}

function applicationText(name: string): string {
  return `apiVersion: meridian.dev/v1alpha1
kind: Application
metadata: { name: ${name} }
spec:
  source: { path: applications/${name}, overlays: ['overlays/{cluster.name}'] }
  placement: {}
  namespace: ml
  rolloutStrategy: all
`;
}

/** Puts states into a bare repository as commits of its branch main, one upon the other; gives their ids. */
export async function importHistory(
  repo: string,
  states: readonly Files[],
  signal: AbortSignal,
): Promise<string[]> {
  const child = spawn('git', ['-C', repo, 'fast-import', '--quiet'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    signal,
  });
  let answer = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (answer += text));
  const ended = new Promise<number | null>((done, failed) => {
    child.once('error', failed);
    child.once('close', done);
  });
  let before: Files = {};
  for (const [index, state] of states.entries()) {
    child.stdin.write(commitText(index, before, state));
    before = state;
  }
  child.stdin.end('done\n');
  const code = await ended;
  if (code !== 0) throw new Error(`git fast-import ended with code ${code}`);
  return answer.trim().split('\n');
}

function commitText(index: number, before: Files, state: Files): string {
  const changed = Object.entries(state).filter(([path, text]) => before[path] !== text);
  const files = changed.map(([path, text]) => `M 100644 inline ${path}\n${dataText(text)}`);
  const who = `committer Bench <bench@example.com> ${1_700_000_000 + index} +0000`;
  return `commit refs/heads/main\nmark :${index + 1}\n${who}\n${dataText('state')}${files.join('')}\nget-mark :${index + 1}\n`;
}

function dataText(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}
