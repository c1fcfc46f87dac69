// A lattice of colours, and the colour between its points: how a table gives a value for every colour.

export interface Lattice {
  /** The number of points along each input. */
  points: readonly number[];
  /** The values of each point; the last input runs fastest. */
  values: Float32Array;
  outputs: number;
}

/** The number of values of such a lattice. */
export function valueCount(points: readonly number[], outputs: number): number {
  return points.reduce((product, count) => product * count, outputs);
}

/** Returns a function that mixes the corners around an input (0 … 1 each) into `result`, at `to`. */
export function reader({ points, values, outputs }: Lattice) {
  const steps = points.map((_, input) => valueCount(points.slice(input + 1), outputs));
  const corners = 2 ** points.length;
  const low = new Int32Array(points.length);
  const share = new Float64Array(points.length);
  return (inputs: ArrayLike<number>, result: Float64Array | Uint8ClampedArray, to = 0): void => {
    const mixed = [0, 0, 0, 0];
    for (let input = 0; input < points.length; input++) {
      const last = (points[input] ?? 1) - 1;
      const position = Math.min(1, Math.max(0, inputs[input] ?? 0)) * last;
      low[input] = Math.min(Math.max(0, last - 1), Math.floor(position));
      share[input] = position - (low[input] ?? 0);
    }
    for (let corner = 0; corner < corners; corner++) {
      let weight = 1;
      let from = 0;
      for (let input = 0; input < points.length; input++) {
        const high = (corner >> input) & 1;
        weight *= high ? (share[input] ?? 0) : 1 - (share[input] ?? 0);
        from += ((low[input] ?? 0) + high) * (steps[input] ?? 0);
      }
      if (weight === 0) continue;
      for (let output = 0; output < outputs; output++) {
        mixed[output] = (mixed[output] ?? 0) + weight * (values[from + output] ?? 0);
      }
    }
    for (let output = 0; output < outputs; output++) result[to + output] = mixed[output] ?? 0;
  };
}
