import { subdomainProblems } from '@meridian/cel';
import { forbidden, invalid } from '../../../errors/field-error.ts';
import type { FieldError } from '../../../errors/field-error.ts';
import { isObject, textAt, valueAt } from '../../../json.ts';
import type { Json, JsonObject } from '../../../json.ts';
import { formed, partOf } from './forms.ts';
import type { Placed } from './forms.ts';

const longestSpecKiB = 64;
const longestDomain = 256;
const longestUser = 104;

/** What is wrong with the options of Windows in a security context (validateWindowsSecurityContextOptions). */
export function windowsOptionsErrors(options: JsonObject | undefined, path: string): FieldError[] {
  if (options === undefined) return [];
  const name = textAt(options, 'gmsaCredentialSpecName');
  const credentials = textAt(options, 'gmsaCredentialSpec');
  const user = textAt(options, 'runAsUserName');
  return [
    ...(name === undefined ? [] : formed(name, `${path}.gmsaCredentialSpecName`, subdomainProblems)),
    ...(credentials === undefined
      ? []
      : formed(credentials, `${path}.gmsaCredentialSpec`, credentialProblems)),
    ...(user === undefined ? [] : formed(user, `${path}.runAsUserName`, userProblems)),
  ];
}

function credentialProblems(text: string): string[] {
  if (text === '') return ['gmsaCredentialSpec cannot be an empty string'];
  return Buffer.byteLength(text) > longestSpecKiB * 1024
    ? [`gmsaCredentialSpec size must be under ${String(longestSpecKiB)} KiB`]
    : [];
}

function userProblems(text: string): string[] {
  if (text === '') return ['runAsUserName cannot be an empty string'];
  if (/\p{Cc}/u.test(text)) return ['runAsUserName cannot contain control characters'];
  const parts = text.split('\\');
  if (parts.length > 2) return ['runAsUserName cannot contain more than one backslash'];
  const domain = parts.length === 2 ? parts[0] : undefined;
  return [...(domain === undefined ? [] : domainProblems(domain)), ...userNameProblems(parts.at(-1) ?? '')];
}

const netBios = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;
const dns =
  /^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/;

function domainProblems(domain: string): string[] {
  const size =
    domain.length >= longestDomain
      ? [`runAsUserName's Domain length must be under ${String(longestDomain)} characters`]
      : [];
  return netBios.test(domain) || dns.test(domain)
    ? size
    : [...size, "runAsUserName's Domain doesn't match the NetBios nor the DNS format"];
}

function userNameProblems(user: string): string[] {
  const problems = user === '' ? ["runAsUserName's User cannot be empty"] : [];
  if (user.length > longestUser) {
    problems.push(`runAsUserName's User length must not be longer than ${String(longestUser)} characters`);
  }
  if (/^[. ]+$/.test(user)) problems.push("runAsUserName's User cannot contain only periods or spaces");
  if (/["/\\:;|=,+*?<>@[\]]/.test(user)) {
    problems.push('runAsUserName\'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]');
  }
  return problems;
}

function hostProcessOf(object: JsonObject): Json | undefined {
  return valueAt(object, 'securityContext', 'windowsOptions', 'hostProcess');
}

/** What is wrong with containers that are processes of a Windows host (validateWindowsHostProcessPod). */
export function hostProcessErrors(
  spec: JsonObject,
  path: string,
  containers: readonly Placed[],
): FieldError[] {
  const ofPod = hostProcessOf(spec);
  const errors = containers.flatMap(([container, at]) => {
    const own = hostProcessOf(container);
    if (ofPod === undefined || own === undefined || own === ofPod) return [];
    const why = `pod hostProcess value must be identical if both are specified, was ${String(ofPod === true)}`;
    return [invalid(`${at}.securityContext.windowsOptions.hostProcess`, own, why)];
  });
  const count = containers.filter(([container]) => (hostProcessOf(container) ?? ofPod) === true).length;
  if (count === 0) return errors;
  if (count !== containers.length) {
    const why =
      'If pod contains any hostProcess containers then all containers must be HostProcess containers';
    errors.push(invalid(path, '', why));
  }
  if (spec['hostNetwork'] !== true) {
    const why = 'hostNetwork must be true if pod contains any hostProcess containers';
    errors.push(invalid(`${path}.hostNetwork`, false, why));
  }
  return [...errors, forbidden(path, 'hostProcess containers are disallowed by cluster policy')];
}

/** Fields that a Windows pod may not have: paths in the spec, those of its security context with a dot. */
const notOfPods = [
  'securityContext.appArmorProfile',
  'securityContext.seLinuxOptions',
  'hostUsers',
  'hostPID',
  'hostIPC',
  'securityContext.seccompProfile',
  'securityContext.fsGroup',
  'securityContext.fsGroupChangePolicy',
  'securityContext.sysctls',
  'shareProcessNamespace',
  'securityContext.runAsUser',
  'securityContext.runAsGroup',
  'securityContext.supplementalGroups',
  'securityContext.supplementalGroupsPolicy',
  'securityContext.seLinuxChangePolicy',
];

const notOfContainers = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
];

/** What a pod may not say on Windows (validateWindows). */
export function windowsPodErrors(
  spec: JsonObject,
  path: string,
  containers: readonly Placed[],
): FieldError[] {
  const why = 'cannot be set for a windows pod';
  const pod = notOfPods.filter((field) => isSet(valueAt(spec, ...field.split('.'))));
  return [
    ...pod.map((field) => forbidden(`${path}.${field}`, why)),
    ...containers.flatMap(([container, at]) =>
      notOfContainers
        .filter((field) => partOf(container, 'securityContext')[field] !== undefined)
        .map((field) => forbidden(`${at}.securityContext.${field}`, why)),
    ),
  ];
}

function isSet(value: Json | undefined): boolean {
  return value !== undefined && !(Array.isArray(value) && value.length === 0);
}

/** What a pod may not say on Linux (validateLinux). */
export function linuxPodErrors(spec: JsonObject, path: string, containers: readonly Placed[]): FieldError[] {
  const why = 'windows options cannot be set for a linux pod';
  return [[spec, path] as const, ...containers]
    .filter(([object]) => isObject(valueAt(object, 'securityContext', 'windowsOptions')))
    .map(([, at]) => forbidden(`${at}.securityContext.windowsOptions`, why));
}
