import { parseFleetConfig } from '@meridian/fleet';
import type { Application, Cluster, Declaration } from '@meridian/fleet';
import type { GitTree } from '@meridian/git';
import { chartFiles, explainApplication } from '@meridian/kustomize';
import type { ChartOutput, ChartRequest, Explained } from '@meridian/kustomize';
import { RevisionFiles } from '@meridian/rendering';
import type { ChartContent } from '@meridian/rendering';
import { readConfig } from '../releases/read-config.ts';

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
  const files = new RevisionFiles(tree, signal);
  const subject = await subjectOf(files, task);
  await files.need([subject.application.path]);
  const outputs = new Map<string, ChartOutput>();
  for (let round = 0; round < mostRounds; round++) {
    const { tree: view, misses } = files.look();
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
    await files.need([...misses].map((path) => files.directoryFor(path)));
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

async function subjectOf(files: RevisionFiles, task: ExplainTask): Promise<Subject> {
  const { config, declarations } = await readConfig(files, task.fleetPath, parseFleetConfig);
  const application = config.applications.find(({ name }) => name === task.application);
  const cluster = config.clusters.find(({ name }) => name === task.cluster);
  const declaration = declarations.get(task.application);
  if (!application || !cluster || !declaration)
    throw new Error(`${task.application} or ${task.cluster} is not in ${task.fleetPath}`);
  return { application, cluster, declaration };
}
