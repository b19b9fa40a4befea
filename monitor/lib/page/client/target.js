/** Plot of the round-trip times of a target, drawn by uPlot. */
(() => {
  "use strict";

  const holder = document.getElementById("plot");
  const { series: url, step, range, middle } = holder.dataset;
  const HEIGHT = 220;
  const REFRESH_MS = 10_000;
  let plot;

  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  }

  async function read() {
    const to = Date.now() + 1000;
    const query = new URLSearchParams({ from: String(to - Number(range)), to: String(to), step: `${step}ms` });
    const response = await fetch(`${url}?${query}`, { cache: "no-cache" });
    if (!response.ok) return undefined;
    const { points } = await response.json();
    return [
      points.map(({ at }) => Date.parse(at) / 1000),
      points.map(({ p50, rttMean }) => p50 ?? rttMean ?? null),
      points.map(({ p95 }) => p95 ?? null),
      points.map(({ pass, fail }) => pass + fail === 0 ? null : 100 * fail / (pass + fail)),
    ];
  }

  /** Width for the labels of an axis, in CSS pixels. A second pass must return the same, or the layout never ends. */
  function labelSize(plot, labels, index, pass) {
    const axis = plot.axes[index];
    if (pass > 1) return axis._size;
    plot.ctx.font = axis.font[0];
    const widths = (labels ?? []).map((label) => plot.ctx.measureText(label).width / devicePixelRatio);
    return Math.ceil(axis.ticks.size + axis.gap + Math.max(0, ...widths)) + 1;
  }

  function options(width) {
    const axis = {
      stroke: colour("muted"),
      grid: { stroke: colour("line"), width: 1 },
      ticks: { stroke: colour("line") },
    };
    const ms = (_, value) => value == null ? "–" : `${value < 10 ? value.toFixed(2) : value.toFixed(1)} ms`;
    return {
      width,
      height: HEIGHT,
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
      cursor: { drag: { x: true, y: false } },
      scales: { loss: { range: [0, 100] }, ms: { range: (_, min, max) => [0, Math.max(max * 1.15 || 1, min)] } },
      axes: [
        {
          ...axis,
          values: [[3600, "{HH}:{mm}", null, null, null, null, null, null, 1], [
            60,
            "{HH}:{mm}",
            null,
            null,
            null,
            null,
            null,
            null,
            1,
          ], [1, "{HH}:{mm}:{ss}", null, null, null, null, null, null, 1]],
        },
        { ...axis, scale: "ms", size: labelSize, values: (_, ticks) => ticks.map((tick) => `${+tick.toFixed(3)} ms`) },
        {
          ...axis,
          scale: "loss",
          side: 1,
          size: 52,
          grid: { show: false },
          values: (_, ticks) => ticks.map((tick) => `${tick} %`),
        },
      ],
      series: [
        { label: "Time", value: "{YYYY}-{MM}-{DD} {HH}:{mm}:{ss}" },
        { label: middle, scale: "ms", stroke: colour("accent"), width: 2, value: ms, points: { size: 4 } },
        {
          label: "p95",
          scale: "ms",
          stroke: colour("degraded"),
          width: 1.5,
          dash: [6, 4],
          value: ms,
          points: { show: false },
        },
        {
          label: "Loss",
          scale: "loss",
          stroke: colour("down"),
          fill: `${colour("down")}40`,
          paths: uPlot.paths.bars({ size: [1, 40] }),
          points: { show: false },
          value: (_, value) => value == null ? "–" : `${value.toFixed(0)} %`,
        },
      ],
    };
  }

  async function draw() {
    if (document.hidden) return;
    try {
      const data = await read();
      if (data === undefined) return;
      if (plot !== undefined) return plot.setData(data);
      holder.hidden = false;
      plot = new uPlot(options(holder.clientWidth), data, holder);
      const canvas = holder.querySelector("canvas");
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", "Round-trip times and loss; the table below has the numbers");
    } catch {
      // The header shows that the page is stale.
    }
  }

  function redraw() {
    plot?.destroy();
    plot = undefined;
    void draw();
  }

  new ResizeObserver(() => {
    if (plot !== undefined && holder.clientWidth !== plot.width) {
      plot.setSize({ width: holder.clientWidth, height: HEIGHT });
    }
  }).observe(holder);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  document.addEventListener("reread", draw);
  setInterval(draw, REFRESH_MS);
  void draw();
})();
