export { autoscalingOf, judgeWithTarget, replicasOf } from './autoscalers.ts';
export type { Autoscaling, ScaleTarget } from './autoscalers.ts';
export { judge } from './judge.ts';
export { troubleOf, unschedulableGraceMs } from './pods.ts';
export type { PodTrouble } from './pods.ts';
export { aggregate, healthOrder } from './verdict.ts';
export type { Verdict } from './verdict.ts';
export { judgeWithPods } from './workload-pods.ts';
