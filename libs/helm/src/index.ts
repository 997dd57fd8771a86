export { ChartBook } from './chart-book.ts';
export type { ChartBuild, ChartContent, WantedChart } from './chart-book.ts';
export { defaultLimits } from './chart.ts';
export type { Chart, HelmLimits } from './chart.ts';
export { openHelm } from './helm.ts';
export type { Helm, HelmOptions, RenderedChart } from './helm.ts';
export type { Jail } from './jail.ts';
