import { chartPluginShape, type ChartFields } from '../charts/chart-fields.ts';
import { inflateChart } from '../charts/inflate.ts';
import { generateIamPolicy } from '../generators/iam-policy.ts';
import { generateConfigMap, generateSecret, mergedOptions } from '../generators/objects.ts';
import { refuse } from '../refusal.ts';
import type { OriginNote } from '../resources/resource.ts';
import type { GeneratorFields } from './kustomization-fields.ts';
import { pluginShapes } from './plugin-shapes.ts';
import { builtInNote, pluginsIn, type Plugin } from './plugins.ts';
import type { Place, Resources } from './step.ts';
import type { Target } from './target.ts';

/** Something that adds objects to a target. */
export interface Generator {
  readonly kind: string;
  readonly place: Place;
  readonly by: OriginNote | undefined;
  readonly run: () => Resources;
}

/** The generators of a target in the order in which they run (kusttarget_configplugin.go). */
export function generatorsOf(target: Target): readonly Generator[] {
  const { configMapGenerator = [], secretGenerator = [], generatorOptions } = target.kustomization.fields;
  refuseOldCharts(target);
  const completed = (fields: GeneratorFields): GeneratorFields => ({
    ...fields,
    options: mergedOptions(fields.options, generatorOptions),
  });
  return [
    ...configMapGenerator.map((fields, index) => configMap(target, completed(fields), index)),
    ...secretGenerator.map((fields, index) => secret(target, completed(fields), index)),
    ...chartsOf(target),
    ...pluginsIn(target, 'generators').map((plugin) => ofPlugin(target, plugin)),
  ];
}

function configMap(target: Target, fields: GeneratorFields, index: number): Generator {
  const place = target.kustomization.at('configMapGenerator', index);
  const step = target.building.step(target.loader, place);
  const kind = 'ConfigMapGenerator';
  return {
    kind,
    place,
    by: builtInNote(target, kind),
    run: () => [generateConfigMap(fields, step)],
  };
}

function secret(target: Target, fields: GeneratorFields, index: number): Generator {
  const place = target.kustomization.at('secretGenerator', index);
  const step = target.building.step(target.loader, place);
  const kind = 'SecretGenerator';
  return { kind, place, by: builtInNote(target, kind), run: () => [generateSecret(fields, step)] };
}

function chartsOf(target: Target): readonly Generator[] {
  const { helmCharts = [], helmGlobals = {} } = target.kustomization.fields;
  return helmCharts.map((fields, index) =>
    chart(target, { ...helmGlobals, ...fields }, target.kustomization.at('helmCharts', index)),
  );
}

function chart(target: Target, fields: ChartFields, place: Place): Generator {
  const kind = 'HelmChartInflationGenerator';
  return { kind, place, by: builtInNote(target, kind), run: () => inflateChart(target, fields, place) };
}

function refuseOldCharts({ kustomization }: Target): void {
  if ((kustomization.fields.helmChartInflationGenerator ?? []).length === 0) return;
  refuse({
    ...kustomization.at('helmChartInflationGenerator'),
    message: 'the field helmChartInflationGenerator is not supported',
    fix: 'use helmCharts',
  });
}

function ofPlugin(target: Target, plugin: Plugin): Generator {
  const { building, loader } = target;
  const { kind, place, by } = plugin;
  const step = building.step(loader, place);
  const named = (shapes: typeof pluginShapes.ConfigMapGenerator): GeneratorFields => {
    const fields = plugin.config(shapes.generator);
    const { metadata = {} } = plugin.config(shapes.metadata);
    const { name = metadata.name, namespace = metadata.namespace } = fields;
    return {
      ...fields,
      ...(name === undefined ? {} : { name }),
      ...(namespace === undefined ? {} : { namespace }),
    };
  };
  switch (kind) {
    case 'ConfigMapGenerator':
      return {
        kind,
        place,
        by,
        run: () => [generateConfigMap(named(pluginShapes.ConfigMapGenerator), step)],
      };
    case 'SecretGenerator':
      return { kind, place, by, run: () => [generateSecret(named(pluginShapes.SecretGenerator), step)] };
    case 'IAMPolicyGenerator':
      return {
        kind,
        place,
        by,
        run: () => generateIamPolicy(plugin.config(pluginShapes.IAMPolicyGenerator), step),
      };
    case 'HelmChartInflationGenerator':
      return { ...chart(target, plugin.config(chartPluginShape), place), by };
    default:
      refuse({ ...place, message: `${kind} is no generator`, fix: 'list transformers under transformers' });
  }
}
