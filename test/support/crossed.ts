// Every choice of up to three parameters of a list, each with each of its values.

/** One value of a parameter. */
export interface Choice<Item> {
  parameter: string;
  value: string;
  /** Whether an item stays in the list. */
  means: (item: Item) => boolean;
}

/** Parameter → its values and what each means. */
export type Meanings<Item> = Record<string, [value: string, means: (item: Item) => boolean][]>;

const MAX_TOGETHER = 3;

/** By the names of the parameters: `status and queue` → all pairs of their values. */
export function crossed<Item>(meanings: Meanings<Item>): [names: string, choices: Choice<Item>[][]][] {
  return subsets(Object.keys(meanings)).map((parameters) => [
    parameters.join(' and '),
    parameters.reduce<Choice<Item>[][]>(
      (all, parameter) =>
        all.flatMap((some) => meanings[parameter]!.map(([value, means]) => [...some, { parameter, value, means }])),
      [[]],
    ),
  ]);
}

/** The items that fit every choice. */
export function fitting<Item>(items: readonly Item[], choices: readonly Choice<Item>[]): Item[] {
  return items.filter((item) => choices.every(({ means }) => means(item)));
}

/** All sets of one to three of the names. */
function subsets(names: readonly string[], size = MAX_TOGETHER): string[][] {
  if (size === 0) return [];
  return names.flatMap((name, index) => [
    [name],
    ...subsets(names.slice(index + 1), size - 1).map((rest) => [name, ...rest]),
  ]);
}
