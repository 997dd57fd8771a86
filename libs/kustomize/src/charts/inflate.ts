import type { Place, Resources } from '../build/step.ts';
import type { Target } from '../build/target.ts';
import { refuse, Refusal } from '../refusal.ts';
import { withFields, type Resource } from '../resources/resource.ts';
import { fieldOf, isFields, withField } from '../values/value.ts';
import type { ChartFields } from './chart-fields.ts';
import { chartRequest, type ChartSettings } from './chart-request.ts';
import { chartResources } from './chart-resources.ts';
import { mergedValues, valuesMerges } from './values.ts';

/**
 * The objects of a chart that a kustomization names, from the outputs that the build was given
 * (api/internal/builtins/HelmChartInflationGenerator.go). A chart without output makes the build wait: it gives nothing, and
 * the build ends with a refusal that nobody needs to see.
 */
export function inflateChart(target: Target, fields: ChartFields, place: Place): Resources {
  const { building } = target;
  const { charts } = building;
  if (!charts)
    refuse({
      ...place,
      message: 'Helm charts are not rendered here',
      fix: 'build with --enable-helm, or commit the output of helm template',
    });
  const request = chartRequest(building.tree, settingsOf(target, fields, place));
  const output = charts(request);
  if (!output) {
    building.isWaiting = true;
    return [];
  }
  if ('errors' in output) throw new Refusal(output.errors);
  const resources = chartResources(output, request.dir);
  building.noteKinds(resources);
  return building.profile === '5.8' ? resources.map(markedAsHelms) : resources;
}

function settingsOf(target: Target, fields: ChartFields, place: Place): ChartSettings {
  const { apiVersions = [], releaseName, nameTemplate, namespace, kubeVersion } = fields;
  const dir = chartDirectory(target, fields, place);
  if (!releaseName && !nameTemplate)
    target.building.warnings.push({
      ...place,
      message: `the chart ${fields.name} has no releaseName and is rendered as release-name; kustomize makes up another each time`,
      fix: 'write releaseName',
    });
  return {
    dir,
    values: valuesOf(target, fields, place),
    // An empty text is as good as none in Go.
    ...(releaseName ? { releaseName } : {}),
    ...(nameTemplate ? { nameTemplate } : {}),
    ...(namespace ? { namespace } : {}),
    ...(kubeVersion ? { kubeVersion } : {}),
    apiVersions,
    includeCrds: fields.includeCRDs === true,
    skipHooks: fields.skipHooks === true,
    skipTests: fields.skipTests === true,
  };
}

function homeOf({ chartHome, name, version, repo }: ChartFields): string {
  const home = chartHome ? chartHome : 'charts';
  return version && repo ? `${home}/${name ?? ''}-${version}` : home;
}

function chartDirectory({ loader, building }: Target, fields: ChartFields, place: Place): string {
  const { name } = fields;
  if (!name) refuse({ ...place, message: 'the chart has no name', fix: 'write the name of its directory' });
  const home = homeOf(fields);
  const dir = loader.resolve(`${home}/${name}`, place);
  const { tree } = building;
  if (tree.list(dir) !== undefined) return dir;
  refuse({
    ...place,
    message: `there is no chart in ${tree.shown(dir)}; charts are not downloaded`,
    fix: `run "helm pull ${name} --untar --untardir ${tree.shown(loader.resolve(home, place))}" with its --repo and --version, and commit it`,
  });
}

function valuesOf({ loader }: Target, fields: ChartFields, place: Place): readonly string[] {
  const { additionalValuesFiles = [], valuesInline = {}, name = '' } = fields;
  const how = valuesMerges.find((each) => each === (fields.valuesMerge ? fields.valuesMerge : 'override'));
  if (!how)
    refuse({
      ...place,
      message: `valuesMerge ${JSON.stringify(fields.valuesMerge)} is unknown`,
      fix: `write one of ${valuesMerges.join(', ')}`,
    });
  const path = fields.valuesFile ? fields.valuesFile : `${homeOf(fields)}/${name}/values.yaml`;
  const isUnread = how === 'replace' && Object.keys(valuesInline).length > 0;
  const file = { path: loader.resolve(path, place), text: isUnread ? '' : loader.text(path, place) };
  return [
    mergedValues(file, valuesInline, how),
    ...additionalValuesFiles.map((each) => loader.text(each, place)),
  ];
}

/** Kustomize 5.8 marks what helm made, so that the namespace of the kustomization leaves it alone. */
function markedAsHelms(resource: Resource): Resource {
  const { fields } = resource;
  const metadata = fieldOf(fields, 'metadata');
  const found = isFields(metadata) ? fieldOf(metadata, 'annotations') : undefined;
  const annotations = isFields(found) ? found : {};
  const marked = withField(annotations, 'internal.config.kubernetes.io/helm-generated', 'true');
  return withFields(
    resource,
    withField(fields, 'metadata', withField(isFields(metadata) ? metadata : {}, 'annotations', marked)),
  );
}
