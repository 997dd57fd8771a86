import { Accumulation } from '../build/accumulation.ts';
import type { BuildOptions, Built } from '../build/build.ts';
import { buildPlain } from '../plain-build.ts';
import { refuse, Refusal } from '../refusal.ts';
import { chartRequest, type ChartSettings } from './chart-request.ts';
import { chartResources } from './chart-resources.ts';
import { chartValues, helmPlace, pathInside, type ValuesRequest } from './chart-values.ts';

/** Helm's own limit; it keeps names of objects that a chart builds of it within those of Kubernetes. */
const longestRelease = 53;

/**
 * Builds the chart of an application (`spec.source.helm`) for a cluster: the objects of its output, custom resource
 * definitions included and tests left out, as `helm install` has it.
 */
export function buildChart(request: ValuesRequest, options: BuildOptions): Built {
  const { tree, application } = request;
  const read = (): Accumulation => {
    const settings = settingsOf(request, options);
    const { charts } = options;
    if (!charts)
      refuse({
        file: settings.dir,
        message: 'Helm charts are not rendered here',
        fix: 'commit the output of helm template',
      });
    const output = charts(chartRequest(tree, settings));
    if (!output)
      refuse({
        file: settings.dir,
        message: 'the chart is not rendered yet',
        fix: 'render it and build again',
      });
    if ('errors' in output) throw new Refusal(output.errors);
    const accumulation = new Accumulation();
    accumulation.append(chartResources(output, settings.dir));
    const made = { by: 'HelmChartInflationGenerator', place: { file: `${settings.dir}/Chart.yaml` } };
    options.provenance?.noteStep([], accumulation.resources, made);
    return accumulation;
  };
  // Outputs of charts are no part of a tree, so nothing that is made of them is kept beside it.
  const changes = options.changes && { ...options.changes, isShared: false };
  return buildPlain({ tree, root: application.path, read }, { ...options, changes });
}

function settingsOf(request: ValuesRequest, { changes }: BuildOptions): ChartSettings {
  const { application, helm } = request;
  const { releaseName, kubeVersion, apiVersions } = helm;
  if (releaseName.length > longestRelease)
    refuse({
      ...helmPlace(application, 'releaseName'),
      message: `the release name ${releaseName} is longer than ${longestRelease} characters`,
      fix: 'write a shorter releaseName',
    });
  return {
    dir: chartDirectory(request),
    values: chartValues(request, changes),
    releaseName,
    namespace: application.namespace,
    ...(kubeVersion === undefined ? {} : { kubeVersion }),
    apiVersions,
    includeCrds: true,
    skipHooks: false,
    skipTests: true,
  };
}

function chartDirectory({ tree, application, helm: { chart } }: ValuesRequest): string {
  const place = helmPlace(application, 'chart');
  if (/^[a-z+]+:\/\//.test(chart))
    refuse({
      ...place,
      message: `${chart} is not in the fleet repo; charts are not downloaded`,
      fix: `run "helm pull ${chart} --untar --untardir ${application.path}", commit the chart and name its directory`,
    });
  const dir = pathInside(application, chart);
  if (dir === undefined)
    refuse({
      ...place,
      message: `the chart ${chart} is outside ${application.path}`,
      fix: 'name a directory below it',
    });
  if (tree.list(dir)?.includes('Chart.yaml') === true) return dir;
  refuse({
    ...place,
    message: tree.unreadable?.(dir) ?? `there is no chart in ${dir}: it has no Chart.yaml`,
    fix: `name the directory of a chart, or vendor one with "helm pull CHART --repo URL --untar --untardir ${application.path}"`,
  });
}
