import { parseFleetConfig } from '@meridian/fleet';
import type { Application, Cluster, Declaration } from '@meridian/fleet';
import type { GitTree, LoadedTree } from '@meridian/git';
import { chartFiles, explainApplication } from '@meridian/kustomize';
import type { ChartOutput, ChartRequest, Explained, FileTree } from '@meridian/kustomize';
import type { ChartContent } from '@meridian/rendering';

/** What is to be explained: `field` is '' for all fields of the object. */
export interface ExplainTask {
  readonly revision: string;
  readonly fleetPath: string;
  readonly application: string;
  readonly cluster: string;
  readonly object: string;
  readonly field: string;
}

/** A resolver that looks outside its application is given what it looked at and asked again, at most this often. */
const mostRounds = 20;

/** Renders a chart whose files are at hand. */
export type RenderChart = (request: ChartRequest, content: ChartContent) => Promise<ChartOutput>;

/** What explaining uses. */
export interface ExplainTools {
  readonly tree: GitTree;
  readonly renderChart: RenderChart;
}

/** Explains an object of a revision that is known to render. Throws Error when the revision does not say what it is of. */
export async function explainInRevision(
  { tree, renderChart }: ExplainTools,
  task: ExplainTask,
  signal: AbortSignal,
): Promise<Explained> {
  const subject = await subjectOf(tree, task, signal);
  const dirs = new Set([subject.application.path]);
  const outputs = new Map<string, ChartOutput>();
  for (let round = 0; round < mostRounds; round++) {
    const loaded = await tree.load(({ path }) => isWithin(dirs, path), signal);
    const { view, misses } = look(tree, loaded, dirs);
    const { object, field } = task;
    const wanted: ChartRequest[] = [];
    const charts = (request: ChartRequest) => {
      const output = outputs.get(request.key);
      if (!output) wanted.push(request);
      return output;
    };
    const explained = explainApplication({ tree: view, ...subject, object, field, charts });
    if (misses.size === 0 && wanted.length === 0) return explained;
    for (const request of wanted) {
      const content = chartFiles(view, request);
      // What is not read yet is a miss now, and the chart is asked for again in the next round.
      if (misses.size === 0) outputs.set(request.key, await renderChart(request, content));
    }
    for (const path of misses) dirs.add(path.slice(0, Math.max(0, path.lastIndexOf('/'))) || path);
  }
  throw new Error(
    `${task.application} refers to more than ${mostRounds} levels of directories outside its own`,
  );
}

interface Subject {
  readonly application: Application;
  readonly cluster: Cluster;
  readonly declaration: Declaration;
}

async function subjectOf(tree: GitTree, task: ExplainTask, signal: AbortSignal): Promise<Subject> {
  const { fleetPath } = task;
  const wanted = tree.under(fleetPath).filter(({ path }) => /\.(ya?ml|json)$/.test(path));
  const paths = new Set(wanted.map(({ path }) => path));
  const loaded = await tree.load(({ path }) => paths.has(path), signal);
  const texts = [...paths].flatMap((path) => {
    const text = loaded.readFile(path);
    return text === undefined ? [] : [{ path, text }];
  });
  const { config, declarations } = parseFleetConfig(texts);
  const application = config.applications.find(({ name }) => name === task.application);
  const cluster = config.clusters.find(({ name }) => name === task.cluster);
  const declaration = declarations.get(task.application);
  if (!application || !cluster || !declaration)
    throw new Error(`${task.application} or ${task.cluster} is not in ${fleetPath}`);
  return { application, cluster, declaration };
}

/** A tree for a resolver, and the files that it looked at and that were not read. */
function look(
  tree: GitTree,
  loaded: LoadedTree,
  dirs: ReadonlySet<string>,
): { view: FileTree; misses: Set<string> } {
  const files = new Map(tree.entries.map(({ path, kind, blob }) => [path, `${kind} ${blob}`]));
  const misses = new Set<string>();
  const looked = (path: string): string => {
    if (files.has(path) && !isWithin(dirs, path) && loaded.unreadable(path) === undefined) misses.add(path);
    return path;
  };
  const view: FileTree = {
    readFile: (path) => loaded.readFile(looked(path)),
    readBytes: (path) => loaded.readBytes(looked(path)),
    list: (dir) => loaded.list(looked(dir)),
    // A chart has the same key in each round.
    identity: (path) => files.get(path) ?? `directory ${(loaded.list(path) ?? []).join('/')}`,
    unreadable: (path) => loaded.unreadable(looked(path)),
  };
  return { view, misses };
}

function isWithin(dirs: ReadonlySet<string>, path: string): boolean {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
    if (dirs.has(at)) return true;
    if (at === '') return false;
  }
}
