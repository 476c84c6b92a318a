// The structure in three dimensions: turn by dragging or with the arrow keys, zoom with the wheel, two fingers or + and -,
// cut with the slider. Draws what stands in the page and fetches nothing. Where WebGL 2 is absent the still stays.
(() => {
  "use strict";
  const host = document.getElementById("structure");
  const data = JSON.parse(document.getElementById("structure-data").textContent);
  const canvas = host.querySelector("canvas");
  const gl = canvas.getContext("webgl2", { antialias: true, alpha: true, preserveDrawingBuffer: true });
  if (!gl) return;

  const bytes = text => Uint8Array.from(atob(text), c => c.charCodeAt(0)).buffer;
  const vertices = new Uint16Array(bytes(data.vertices));
  const triangles = new Uint32Array(bytes(data.triangles));
  const half = data.edges.map(edge => edge / 2);
  const reach = Math.hypot(...half) * 0.98;

  // Normals: the mean of the faces around a vertex, so that walls look smooth.
  const place = (v, axis) => (vertices[3 * v + axis] / 65535 * 2 - 1) * half[axis];
  const sums = new Float32Array(vertices.length);
  for (let t = 0; t < triangles.length; t += 3) {
    const [a, b, c] = triangles.subarray(t, t + 3);
    const u = [0, 1, 2].map(k => place(b, k) - place(a, k)), w = [0, 1, 2].map(k => place(c, k) - place(a, k));
    const n = [u[1] * w[2] - u[2] * w[1], u[2] * w[0] - u[0] * w[2], u[0] * w[1] - u[1] * w[0]];
    for (const v of [a, b, c]) for (let k = 0; k < 3; k++) sums[3 * v + k] += n[k];
  }
  const normals = new Int8Array(4 * vertices.length / 3);
  for (let v = 0; v < vertices.length / 3; v++) {
    const size = Math.hypot(sums[3 * v], sums[3 * v + 1], sums[3 * v + 2]) || 1;
    for (let k = 0; k < 3; k++) normals[4 * v + k] = Math.round(127 * sums[3 * v + k] / size);
  }

  const shader = (kind, text) => {
    const made = gl.createShader(kind);
    gl.shaderSource(made, text);
    gl.compileShader(made);
    return made;
  };
  const program = gl.createProgram();
  gl.attachShader(program, shader(gl.VERTEX_SHADER, `#version 300 es
    in vec3 vertex; in vec3 normal;
    uniform vec3 half_edges; uniform mat3 view; uniform vec3 scale;
    centroid out vec3 box; out vec3 direction;
    void main() {
      box = vertex;
      direction = normal;
      vec3 seen = view * ((vertex * 2.0 - 1.0) * half_edges);
      gl_Position = vec4(seen * scale, 1.0);
    }`));
  // "centroid": at the rim of a wall seen edge-on the place would otherwise be guessed from beyond it, and miss the cut.
  gl.attachShader(program, shader(gl.FRAGMENT_SHADER, `#version 300 es
    precision highp float;
    centroid in vec3 box; in vec3 direction;
    uniform vec4 cut; uniform vec3 light; uniform vec4 line;
    out vec4 colour;
    void main() {
      if (dot(box, cut.xyz) > cut.w) discard;
      if (line.a > 0.0) { colour = line; return; }
      // The back of a wall is seen only where the cut opens the solid: there it is painted as the cut's area.
      if (!gl_FrontFacing) { colour = vec4(0.76, 0.45, 0.22, 1.0); return; }
      float shade = 0.45 + 0.55 * max(dot(normalize(direction), light), 0.0);
      colour = vec4(vec3(0.60, 0.69, 0.77) * shade, 1.0);
    }`));
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) return;
  gl.useProgram(program);
  const uniform = name => gl.getUniformLocation(program, name);
  const at = { half: uniform("half_edges"), view: uniform("view"), scale: uniform("scale"), cut: uniform("cut"),
               light: uniform("light"), line: uniform("line") };

  const buffer = (kind, content) => {
    const made = gl.createBuffer();
    gl.bindBuffer(kind, made);
    gl.bufferData(kind, content, gl.STATIC_DRAW);
    return made;
  };
  const attribute = (name, size, type, normalised, stride) => {
    const location = gl.getAttribLocation(program, name);
    if (location < 0) return;
    gl.enableVertexAttribArray(location);
    gl.vertexAttribPointer(location, size, type, normalised, stride, 0);
  };
  const surface = gl.createVertexArray();
  gl.bindVertexArray(surface);
  buffer(gl.ARRAY_BUFFER, vertices);
  attribute("vertex", 3, gl.UNSIGNED_SHORT, true, 0);
  buffer(gl.ARRAY_BUFFER, normals);
  attribute("normal", 3, gl.BYTE, true, 4);
  buffer(gl.ELEMENT_ARRAY_BUFFER, triangles);
  const corners = [0, 1, 2, 3, 4, 5, 6, 7].map(n => [n >> 2 & 1, n >> 1 & 1, n & 1]);
  const pairs = [];
  for (let a = 0; a < 8; a++) for (let b = a + 1; b < 8; b++)
    if (corners[a].filter((x, k) => x !== corners[b][k]).length === 1) pairs.push([a, b]);
  const box = gl.createVertexArray();
  gl.bindVertexArray(box);
  buffer(gl.ARRAY_BUFFER, new Float32Array(corners.flat()));
  attribute("vertex", 3, gl.FLOAT, false, 0);
  buffer(gl.ELEMENT_ARRAY_BUFFER, new Uint16Array(pairs.flat()));
  gl.enable(gl.DEPTH_TEST);
  gl.clearColor(0, 0, 0, 0);

  const state = { turn: data.turn, tilt: data.tilt, zoom: 1, axis: 2, cut: 1 };
  const labels = [...host.querySelectorAll(".axis")];
  labels.forEach((label, axis) => { label.textContent = data.lengths[axis]; });

  function axes() {
    const [ct, st, cl, sl] = [Math.cos(state.turn), Math.sin(state.turn), Math.cos(state.tilt), Math.sin(state.tilt)];
    return [[ct, st, 0], [-st * sl, ct * sl, cl], [st * cl, -ct * cl, sl]];
  }

  function draw() {
    const width = canvas.clientWidth, height = canvas.clientHeight, dots = Math.min(window.devicePixelRatio || 1, 2);
    if (!width || !height) return;
    if (canvas.width !== Math.round(width * dots)) {
      canvas.width = Math.round(width * dots);
      canvas.height = Math.round(height * dots);
    }
    gl.viewport(0, 0, canvas.width, canvas.height);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    const rows = axes(), size = state.zoom * Math.min(width, height) / 2 / reach;
    const scale = [2 * size / width, 2 * size / height, -0.4 / reach];
    gl.uniform3fv(at.half, half);
    gl.uniformMatrix3fv(at.view, true, rows.flat());
    gl.uniform3fv(at.scale, scale);
    // The light stands still beside the viewer's left shoulder while the sample turns.
    const lamp = [-0.3, 0.45, 0.84];
    gl.uniform3fv(at.light, [0, 1, 2].map(k => rows[0][k] * lamp[0] + rows[1][k] * lamp[1] + rows[2][k] * lamp[2]));
    // What the first view looks at is taken away: the far end of x, the near end of y, the top.
    const normal = [0, 0, 0], near = state.axis === 1;
    normal[state.axis] = near ? -1 : 1;
    gl.uniform4f(at.cut, ...normal, state.cut >= 1 ? 2 : near ? state.cut - 1 : state.cut);
    gl.uniform4f(at.line, 0, 0, 0, 0);
    gl.bindVertexArray(surface);
    gl.drawElements(gl.TRIANGLES, triangles.length, gl.UNSIGNED_INT, 0);
    gl.uniform4f(at.cut, 0, 0, 0, 2);
    gl.uniform4f(at.line, 0.42, 0.45, 0.5, 1);
    gl.bindVertexArray(box);
    gl.drawElements(gl.LINES, pairs.length * 2, gl.UNSIGNED_SHORT, 0);
    name(rows, size, width, height);
  }

  // Beside the outermost edge along each axis: x and y below, z at the left.
  function name(rows, size, width, height) {
    const shown = corners.map(c => rows.map(row => row.reduce((sum, r, k) => sum + r * (c[k] * 2 - 1) * half[k], 0) * size));
    labels.forEach((label, axis) => {
      const middles = pairs.filter(([a, b]) => corners[a][axis] !== corners[b][axis])
        .map(([a, b]) => [0, 1].map(k => (shown[a][k] + shown[b][k]) / 2));
      const best = middles.reduce((one, other) => (axis === 2 ? other[0] < one[0] : other[1] < one[1]) ? other : one);
      const away = Math.hypot(best[0], best[1]) || 1;
      const x = width / 2 + best[0] + 14 * best[0] / away, y = height / 2 - best[1] - 14 * best[1] / away;
      const wide = label.offsetWidth / 2 + 2, tall = label.offsetHeight / 2 + 2;
      label.style.left = `${Math.min(Math.max(x, wide), width - wide)}px`;
      label.style.top = `${Math.min(Math.max(y, tall), height - tall)}px`;
    });
  }

  let waiting = false;
  const redraw = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; draw(); });
  };
  const limit = (x, low, high) => Math.min(Math.max(x, low), high);
  const turn = (dx, dy) => {
    state.turn -= dx;
    state.tilt = limit(state.tilt + dy, -Math.PI / 2, Math.PI / 2);
    redraw();
  };
  const zoom = factor => { state.zoom = limit(state.zoom * factor, 0.5, 12); redraw(); };

  const fingers = new Map();
  canvas.addEventListener("pointerdown", event => {
    fingers.set(event.pointerId, event);
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", event => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    if (fingers.size === 1) turn((event.clientX - before.clientX) * 0.008, (event.clientY - before.clientY) * 0.008);
    if (fingers.size === 2) {
      const other = [...fingers.values()].find(finger => finger.pointerId !== event.pointerId);
      const apart = finger => Math.hypot(finger.clientX - other.clientX, finger.clientY - other.clientY) || 1;
      zoom(apart(event) / apart(before));
    }
    fingers.set(event.pointerId, event);
  });
  for (const kind of ["pointerup", "pointercancel"]) canvas.addEventListener(kind, event => fingers.delete(event.pointerId));
  canvas.addEventListener("wheel", event => { event.preventDefault(); zoom(Math.exp(-event.deltaY * 0.0012)); }, { passive: false });
  canvas.addEventListener("keydown", event => {
    const keys = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, -0.1], ArrowDown: [0, 0.1] };
    if (keys[event.key]) turn(...keys[event.key]);
    else if (event.key === "+") zoom(1.15);
    else if (event.key === "-") zoom(1 / 1.15);
    else return;
    event.preventDefault();
  });
  const slider = host.querySelector("input[type=range]"), choice = host.querySelector("select");
  const cut = () => {
    state.axis = Number(choice.value);
    state.cut = Number(slider.value) / 100;
    redraw();
  };
  slider.addEventListener("input", cut);
  choice.addEventListener("change", cut);
  host.querySelector("button").addEventListener("click", () => {
    Object.assign(state, { turn: data.turn, tilt: data.tilt, zoom: 1 });
    slider.value = 100;
    cut();
  });
  canvas.addEventListener("webglcontextlost", () => host.classList.remove("live"));
  host.classList.add("live");
  new ResizeObserver(redraw).observe(canvas);
  draw();
})();
