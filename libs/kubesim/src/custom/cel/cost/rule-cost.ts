import type { ASTNode } from '@marcbachmann/cel-js';
import { checkedShape, hasName, matchesName, writtenName } from '@meridian/cel';
import type { Shape } from '@meridian/cel';
import { callCost } from './call-costs.ts';
import type { DeclaredType } from './declared-type.ts';
import { eitherMembers, sizeOf } from './estimate.ts';
import type { Estimate, Members } from './estimate.ts';
import { macroCost } from './macro-costs.ts';
import type { Local, Walk } from './macro-costs.ts';
import { operatorCost } from './operator-costs.ts';
import { exactly, nothing, one, sum, union } from './range.ts';
import type { Range } from './range.ts';

/**
 * What evaluating an expression may cost at most, as a real server reckons it from the limits of a schema (cel-go,
 * checker/cost.go, with the library of Kubernetes). The expression must have been checked by the library before.
 */
export function ruleCost(expression: ASTNode, declared: DeclaredType): bigint {
  return new CostWalk(declared).visit(expression).cost.max;
}

/** Names before a dot that belong to the name of a function. */
const namespaces: ReadonlySet<string> = new Set(['sets', 'lists', 'strings', 'optional', 'format', 'ip']);

type Operation = Exclude<ASTNode, { readonly op: 'value' | 'id' | 'list' | 'map' | 'call' | 'rcall' }>;

const typePrefix = 'google';

/** Names such as `google.protobuf.Timestamp` are one name. */
function isTypeName(node: ASTNode): boolean {
  if (node.op === 'id') return node.args === typePrefix;
  return node.op === '.' && isTypeName(node.args[0]);
}

type UnaryNode = Extract<ASTNode, { readonly op: '!_' | '-_' }>;

/** Whether no bracket stands between an operator and its operand. */
function isNext(node: UnaryNode, operand: ASTNode): boolean {
  return !node.input.slice(node.start, operand.start).includes('(');
}

/** What is known of a result besides its node and type. */
interface Found {
  readonly cost: Range;
  readonly size?: Range | undefined;
  readonly members?: Members | undefined;
  readonly path?: readonly string[];
}

class CostWalk implements Walk {
  readonly #declared: DeclaredType;
  #locals: ReadonlyMap<string, Local> = new Map();

  constructor(declared: DeclaredType) {
    this.#declared = declared;
  }

  visit(node: ASTNode): Estimate {
    const found = this.#look(node);
    const { cost, members, path = [] } = found;
    const shape = checkedShape(node) ?? this.#shapeAt(path);
    const size = found.size ?? this.sizeAt(path) ?? (shape.kind === 'scalar' ? one : this.#localSize(node));
    return { node, cost, size, members, path, shape };
  }

  within<Result>(locals: ReadonlyMap<string, Local>, look: () => Result): Result {
    const around = this.#locals;
    this.#locals = new Map([...around, ...locals]);
    const result = look();
    this.#locals = around;
    return result;
  }

  /** The first step of a path is a variable, or what nobody can tell; both are taken for the value of the rule. */
  sizeAt(path: readonly string[]): Range | undefined {
    const type = path.length === 0 ? undefined : this.#typeAt(path);
    return type === undefined ? undefined : { min: 0n, max: BigInt(type.most) };
  }

  #typeAt(path: readonly string[]): DeclaredType | undefined {
    return path.slice(1).reduce<DeclaredType | undefined>((type, name) => {
      if (name === '@items' || name === '@values') return type?.members;
      return name === '@keys' ? type?.keys : type?.fields?.get(name);
    }, this.#declared);
  }

  /** The checker does not look inside of `has`; what is asked for there are fields of objects and maps. */
  #shapeAt(path: readonly string[]): Shape {
    const type = this.#typeAt(path);
    const kind = type?.fields !== undefined || type?.keys !== undefined ? 'object' : 'dyn';
    return { kind, name: '', member: undefined };
  }

  #localSize(node: ASTNode): Range | undefined {
    return node.op === 'id' ? this.#locals.get(node.args)?.size : undefined;
  }

  #look(node: ASTNode): Found {
    switch (node.op) {
      case 'value':
        return { cost: nothing, size: literalSize(node.args) };
      case 'id':
        return this.#variable(node.args);
      case 'list':
        return this.#list(node.args);
      case 'map':
        return this.#map(node.args);
      case 'call':
        return this.#call(node.args[0], node.args[1]);
      case 'rcall':
        return this.#method(node.args);
      default:
        return this.#operation(node);
    }
  }

  #operation(node: Operation): Found {
    switch (node.op) {
      case '.':
        return isTypeName(node) ? this.#variable(typePrefix) : this.#field(node.args[0], node.args[1]);
      case '.?':
        return { cost: sum(this.visit(node.args[0]).cost, one) };
      case '?:':
        return this.#choice(node.args);
      case '!_':
      case '-_':
        return this.#unary(node);
      default:
        return this.#binary(node.op, node.args);
    }
  }

  #variable(name: string): Found {
    const local = this.#locals.get(name);
    return { cost: one, path: local?.path ?? [name], members: local?.members };
  }

  #field(holder: ASTNode, name: string): Found {
    const { cost, path, shape } = this.visit(holder);
    const isStep = shape.kind === 'map' || shape.kind === 'object';
    return { cost: isStep ? sum(cost, one) : cost, path: [...path, name] };
  }

  #list(items: readonly ASTNode[]): Found {
    const found = items.map((item) => this.visit(item));
    const members = { isList: true, key: one, value: unionOf(found) };
    return { cost: sum(exactly(10n), ...costsOf(found)), size: exactly(BigInt(items.length)), members };
  }

  #map(entries: readonly (readonly [ASTNode, ASTNode])[]): Found {
    const keys = entries.map(([key]) => this.visit(key));
    const values = entries.map(([, value]) => this.visit(value));
    const members = { isList: false, key: unionOf(keys), value: unionOf(values) };
    const cost = sum(exactly(30n), ...costsOf([...keys, ...values]));
    return { cost, size: exactly(BigInt(entries.length)), members };
  }

  #choice([condition, yes, no]: readonly [ASTNode, ASTNode, ASTNode]): Found {
    const { cost } = this.visit(condition);
    const [a, b] = [this.visit(yes), this.visit(no)];
    return {
      cost: sum(cost, union(a.cost, b.cost)),
      size: union(sizeOf(a), sizeOf(b)),
      members: eitherMembers(a.members, b.members),
    };
  }

  #call(name: string, given: readonly ASTNode[]): Found {
    const [first] = given;
    // To look whether a field is there costs what its holder costs.
    if (name === hasName && first?.op === '.') return { cost: this.visit(first.args[0]).cost };
    const found = given.map((node) => this.visit(node));
    const [argument] = found;
    if (name === 'dyn' && argument !== undefined) {
      return { cost: sum(argument.cost, one), size: argument.size, members: argument.members };
    }
    return this.#called(writtenName(name), found, undefined);
  }

  #method([name, receiver, given]: readonly [string, ASTNode, readonly ASTNode[]]): Found {
    const macro = macroCost(name, given, { target: receiver, walk: this });
    if (macro !== undefined) return macro;
    const found = given.map((node) => this.visit(node));
    if (receiver.op === 'id' && namespaces.has(receiver.args) && !this.#locals.has(receiver.args)) {
      return this.#called(`${receiver.args}.${name}`, found, undefined);
    }
    return this.#called(name === matchesName ? 'matches' : writtenName(name), found, this.visit(receiver));
  }

  #called(name: string, given: readonly Estimate[], target: Estimate | undefined): Found {
    const { cost, size } = callCost(name, { target, given, sizeAt: (path) => this.sizeAt(path) });
    return { cost: sum(cost, ...costsOf(given), target?.cost ?? nothing), size };
  }

  /** A sign belongs to its number, and two negations are none. */
  #unary(node: UnaryNode): Found {
    const { op, args: operand } = node;
    if (op === '-_' && operand.op === 'value') return { cost: nothing, size: one };
    if (op === operand.op && isNext(node, operand)) return this.#look(operand.args);
    return { cost: sum(this.visit(operand).cost, one) };
  }

  #binary(op: string, [a, b]: readonly [ASTNode, ASTNode]): Found {
    const [left, right] = [this.visit(a), this.visit(b)];
    const operands = sum(left.cost, right.cost);
    if (op === '&&' || op === '||') return { cost: { min: left.cost.min, max: operands.max } };
    const { cost, size, members, step } = operatorCost(op, left, right);
    const path = step === undefined ? [] : [...left.path, step];
    return { cost: sum(cost, operands), size, members, path };
  }
}

function costsOf(estimates: readonly Estimate[]): Range[] {
  return estimates.map(({ cost }) => cost);
}

function unionOf(estimates: readonly Estimate[]): Range {
  return (
    estimates
      .map(sizeOf)
      .reduce<Range | undefined>((all, size) => (all === undefined ? size : union(all, size)), undefined) ??
    nothing
  );
}

function literalSize(value: unknown): Range {
  if (typeof value === 'string') return exactly(BigInt([...value].length));
  return value instanceof Uint8Array ? exactly(BigInt(value.length)) : one;
}
