import type { KubeObject } from '@meridian/manifests';
import { stated } from '../forms/conditions.ts';
import { at, conditionsOf, generationOf } from '../read.ts';
import { degraded, healthy, progressing, suspended } from '../verdict.ts';
import type { Verdict } from '../verdict.ts';

/**
 * Google's Config Connector: its own configuration has `status.healthy`; every resource has conditions whose reason tells:
 * UpToDate, UpdateFailed, DependencyNotFound, DependencyNotReady. Source: Argo CD's check of `*.cnrm.cloud.google.com`.
 */
export function judgeConfigConnector(object: KubeObject): Verdict {
  const observed = at(object, 'status', 'observedGeneration');
  const isCurrent = observed === undefined || observed === generationOf(object);
  const own = ownHealth(object, isCurrent || observed === 0);
  if (own !== undefined && (isCurrent || isCustomization(object)))
    return own ? healthy(`${object.kind} is healthy`) : degraded(`${object.kind} is not healthy`);
  if (!isCurrent) return progressing('its controller has not seen the latest change yet');
  for (const condition of conditionsOf(object)) {
    const verdict = byReason(condition.reason, condition.status);
    if (verdict) return { ...verdict, reason: stated(condition) };
  }
  return progressing('the resource is being updated');
}

function isCustomization({ apiVersion }: KubeObject): boolean {
  return apiVersion.startsWith('customize.core.cnrm.cloud.google.com/');
}

function ownHealth(object: KubeObject, isCurrent: boolean): boolean | undefined {
  const has = object.kind === 'ConfigConnector' || object.kind === 'ConfigConnectorContext';
  if (!isCurrent || !(has || isCustomization(object))) return undefined;
  const own = at(object, 'status', 'healthy');
  return own === undefined ? undefined : own === true;
}

function byReason(reason: string, status: string): Verdict | undefined {
  if (reason === 'UpToDate' && status === 'True') return healthy(reason);
  if (reason === 'UpdateFailed' || reason === 'DependencyNotFound') return degraded(reason);
  return reason === 'DependencyNotReady' ? suspended(reason) : undefined;
}
