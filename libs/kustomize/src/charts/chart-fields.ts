import { anything, fieldsOf, flag, listOf, mapOf, text, type Shaped } from '../build/shape.ts';

const chart = {
  name: text,
  version: text,
  repo: text,
  releaseName: text,
  namespace: text,
  additionalValuesFiles: listOf(text),
  valuesFile: text,
  valuesInline: mapOf(anything),
  valuesMerge: text,
  includeCRDs: flag,
  skipHooks: flag,
  apiVersions: listOf(text),
  kubeVersion: text,
  nameTemplate: text,
  skipTests: flag,
  debug: flag,
  devel: flag,
};
const globals = { chartHome: text, configHome: text };

/** One entry of `helmCharts` (api/types/helmchartargs.go). */
export const chartShape = fieldsOf(chart);
/** `helmGlobals`: where charts lie. */
export const chartGlobalsShape = fieldsOf(globals);
/** The configuration of a HelmChartInflationGenerator in a file of its own: both in one. */
export const chartPluginShape = fieldsOf({ ...chart, ...globals });

/** The fields of a chart together with those that all charts of a kustomization share. */
export type ChartFields = Shaped<typeof chartPluginShape>;
