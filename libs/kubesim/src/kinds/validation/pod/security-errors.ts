import {
  duplicate,
  forbidden,
  GoText,
  invalid,
  notSupported,
  required,
  tooLong,
} from '../../../errors/field-error.ts';
import type { FieldError } from '../../../errors/field-error.ts';
import { itemsAt, objectAt, textAt } from '../../../json.ts';
import type { Json, JsonObject } from '../../../json.ts';
import { goInternalText } from '../../../schema/go-internal.ts';
import { between, itemsWithPaths } from '../checks.ts';
import { choice, partOf, textOf } from './forms.ts';
import type { Placed } from './forms.ts';
import { descending } from './paths.ts';
import { windowsOptionsErrors } from './windows-errors.ts';

const mostId = 2 ** 31 - 1;

function idErrors(value: Json | undefined, path: string): FieldError[] {
  return between(value, path, [0, mostId]);
}

/** What is wrong with the security context of a container (ValidateSecurityContext of pkg/apis/core/validation). */
export function containerSecurityErrors(
  context: JsonObject,
  path: string,
  usesHostUsers: boolean,
): FieldError[] {
  return [
    // Only a server that is started with --allow-privileged allows it.
    ...(context['privileged'] === true
      ? [forbidden(`${path}.privileged`, 'disallowed by cluster policy')]
      : []),
    ...idErrors(context['runAsUser'], `${path}.runAsUser`),
    ...idErrors(context['runAsGroup'], `${path}.runAsGroup`),
    ...procMountErrors(context['procMount'], `${path}.procMount`, usesHostUsers),
    ...seccompErrors(objectAt(context, 'seccompProfile'), `${path}.seccompProfile`),
    ...escalationErrors(context, path),
    ...windowsOptionsErrors(objectAt(context, 'windowsOptions'), `${path}.windowsOptions`),
    ...appArmorErrors(objectAt(context, 'appArmorProfile'), `${path}.appArmorProfile`),
  ];
}

function procMountErrors(mount: Json | undefined, path: string, usesHostUsers: boolean): FieldError[] {
  const errors = choice(mount, path, ['Default', 'Unmasked']);
  return usesHostUsers && mount === 'Unmasked'
    ? [...errors, invalid(path, mount, '`hostUsers` must be false to use `Unmasked`')]
    : errors;
}

function escalationErrors(context: JsonObject, path: string): FieldError[] {
  if (context['allowPrivilegeEscalation'] !== false) return [];
  const shown = new GoText(goInternalText(context, 'core.SecurityContext'));
  const why: string[] = [];
  if (context['privileged'] === true) {
    why.push('cannot set `allowPrivilegeEscalation` to false and `privileged` to true');
  }
  for (const capability of itemsAt(context, 'capabilities', 'add')) {
    if (capability !== 'CAP_SYS_ADMIN') continue;
    why.push('cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN');
  }
  return why.map((words) => invalid(path, shown, words));
}

/** What is wrong with the security context of a pod (validatePodSpecSecurityContext). */
export function podSecurityErrors(spec: JsonObject, path: string): FieldError[] {
  const context = partOf(spec, 'securityContext');
  const groups = itemsAt(context, 'supplementalGroups');
  const sharesWithHost = spec['shareProcessNamespace'] === true && spec['hostPID'] === true;
  const both = 'ShareProcessNamespace and HostPID cannot both be enabled';
  return [
    ...['fsGroup', 'runAsUser', 'runAsGroup'].flatMap((field) =>
      idErrors(context[field], `${path}.${field}`),
    ),
    ...groups.flatMap((group, index) => idErrors(group, `${path}.supplementalGroups[${String(index)}]`)),
    ...(sharesWithHost ? [invalid(`${path}.shareProcessNamespace`, true, both)] : []),
    ...sysctlErrors(spec, `${path}.sysctls`),
    ...choice(context['fsGroupChangePolicy'], `${path}.fsGroupChangePolicy`, ['Always', 'OnRootMismatch']),
    ...seccompErrors(objectAt(context, 'seccompProfile'), `${path}.seccompProfile`),
    ...windowsOptionsErrors(objectAt(context, 'windowsOptions'), `${path}.windowsOptions`),
    ...appArmorErrors(objectAt(context, 'appArmorProfile'), `${path}.appArmorProfile`),
    ...choice(context['supplementalGroupsPolicy'], `${path}.supplementalGroupsPolicy`, ['Merge', 'Strict']),
    ...choice(context['seLinuxChangePolicy'], `${path}.seLinuxChangePolicy`, ['Recursive']),
  ];
}

const sysctlForm = '^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$';
const sysctlName = new RegExp(sysctlForm);
const longestSysctl = 253;

function sysctlErrors(spec: JsonObject, path: string): FieldError[] {
  const seen = new Set<string>();
  return itemsWithPaths(objectAt(spec, 'securityContext')?.['sysctls'], path).flatMap((sysctl) => {
    const name = textOf(sysctl[0], 'name');
    const errors = [...sysctlNameErrors(name, `${sysctl[1]}.name`, seen), ...hostSysctlErrors(sysctl, spec)];
    seen.add(name);
    return errors;
  });
}

function sysctlNameErrors(name: string, path: string, seen: ReadonlySet<string>): FieldError[] {
  if (name === '') return [required(path)];
  if (name.length > longestSysctl || !sysctlName.test(name)) {
    const most = String(longestSysctl);
    return [invalid(path, name, `must have at most ${most} characters and match regex ${sysctlForm}`)];
  }
  return seen.has(name) ? [duplicate(path, name)] : [];
}

const sharedMemory = ['kernel.sem', 'kernel.shm', 'kernel.msg', 'fs.mqueue.'];

function hostSysctlErrors([sysctl, path]: Placed, spec: JsonObject): FieldError[] {
  const name = textOf(sysctl, 'name').replaceAll('/', '.');
  const refuse = (field: string) => [
    invalid(`${path}.name`, textOf(sysctl, 'name'), `may not be specified when '${field}' is true`),
  ];
  if (spec['hostNetwork'] === true && name.startsWith('net.')) return refuse('hostNetwork');
  const isShared = sharedMemory.some((prefix) => name.startsWith(prefix));
  return spec['hostIPC'] === true && isShared ? refuse('hostIPC') : [];
}

function seccompErrors(profile: JsonObject | undefined, path: string): FieldError[] {
  if (profile === undefined) return [];
  const type = textOf(profile, 'type');
  const file = textAt(profile, 'localhostProfile');
  const known = ['Localhost', 'RuntimeDefault', 'Unconfined'];
  const errors = type === '' ? [required(`${path}.type`, 'type is required when seccompProfile is set')] : [];
  if (type !== '' && !known.includes(type)) errors.push(notSupported(`${path}.type`, type, known));
  const at = `${path}.localhostProfile`;
  if (type === 'Localhost') {
    return file === undefined
      ? [...errors, required(at, 'must be set when seccomp type is Localhost')]
      : [...errors, ...descending(file, at)];
  }
  if (file === undefined) return errors;
  const shown = new GoText(goInternalText(profile, 'core.SeccompProfile'));
  return [...errors, invalid(at, shown, 'can only be set when seccomp type is Localhost')];
}

const longestProfile = 4095;

/** What is wrong with an AppArmor profile. */
export function appArmorErrors(profile: JsonObject | undefined, path: string): FieldError[] {
  if (profile === undefined) return [];
  const type = textOf(profile, 'type');
  const file = textAt(profile, 'localhostProfile');
  const at = `${path}.localhostProfile`;
  if (type === 'Localhost') return localProfileErrors(file, at);
  if (type === 'RuntimeDefault' || type === 'Unconfined') {
    return file === undefined ? [] : [invalid(at, file, 'can only be set when AppArmor type is Localhost')];
  }
  if (type === '') return [required(`${path}.type`, 'type is required when appArmorProfile is set')];
  return [notSupported(`${path}.type`, type, ['Localhost', 'RuntimeDefault', 'Unconfined'])];
}

function localProfileErrors(file: string | undefined, path: string): FieldError[] {
  const missing = required(path, 'must be set when AppArmor type is Localhost');
  if (file === undefined) return [missing];
  const errors =
    file.trim() === file
      ? file === ''
        ? [missing]
        : []
      : [invalid(path, file, 'must not be padded with whitespace')];
  return file.length > longestProfile ? [...errors, tooLong(path, longestProfile)] : errors;
}

/** Whether the users of a pod are those of its host, which they are unless it says no. */
export function usesHostUsers(spec: JsonObject): boolean {
  return spec['hostUsers'] !== false;
}

/** What a pod with users of its own may not share with its host (validateHostUsers). */
export function ownUsersErrors(spec: JsonObject, path: string, containers: readonly Placed[]): FieldError[] {
  if (usesHostUsers(spec)) return [];
  const names = { hostNetwork: 'hostNetwork', hostPID: 'HostPID', hostIPC: 'HostIPC' };
  const why = 'when `hostUsers` is false';
  return [
    ...Object.entries(names)
      .filter(([field]) => spec[field] === true)
      .map(([, shown]) => forbidden(`${path}.${shown}`, why)),
    ...containers
      .filter(([container]) => itemsAt(container, 'volumeDevices').length > 0)
      .map(([, at]) => forbidden(`${at}.volumeDevices`, why)),
  ];
}
