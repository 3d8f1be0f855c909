/* cli/top_screen.h */
#include "cli/top_screen.h"
#include "base/os.h"
#include "cli/print.h"
#include "cli/top_view.h"
#include <curses.h>
#include <stdio.h>
#include <term.h>
#undef columns /* of <term.h>, which takes common words */

#define STANDARD_INPUT 0
#define STANDARD_OUTPUT 1
#define ORANGE 208
#define BLUE 75

static chtype styles[TOP_STYLES];

static void choose_styles(void) {
    styles[TOP_STRONG] = styles[TOP_HEADING] = styles[TOP_WARNING] = A_BOLD;
    styles[TOP_QUIET] = A_DIM;
    styles[TOP_CHOSEN] = A_REVERSE;
    if (!os_use_color(STANDARD_OUTPUT) || !has_colors()) return;
    start_color();
    use_default_colors();
    init_pair(1, COLORS >= 256 ? ORANGE : COLOR_YELLOW, -1);
    init_pair(2, COLORS >= 256 ? BLUE : COLOR_CYAN, -1);
    styles[TOP_NEGATIVE] = (chtype)COLOR_PAIR(1);
    styles[TOP_WARNING] = (chtype)COLOR_PAIR(1) | A_BOLD;
    styles[TOP_POSITIVE] = (chtype)COLOR_PAIR(2);
    styles[TOP_HEADING] = (chtype)COLOR_PAIR(2) | A_BOLD;
}

/* What ends ncurses' use of the terminal, as its description says. */
static void guard(void) {
    const char *const parts[] = { exit_attribute_mode, cursor_normal, keypad_local, exit_ca_mode };
    char text[256] = "";
    size_t length = 0;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (parts[i] && length + strlen(parts[i]) < sizeof text)
            length += (size_t)snprintf(text + length, sizeof text - length, "%s", parts[i]);
    os_guard_terminal(STANDARD_OUTPUT, text);
}

bool top_screen_open(void) {
    int outcome;
    const char *terminal = os_environment("TERM");
    bool able = setupterm(NULL, STANDARD_OUTPUT, &outcome) == OK && cursor_address != NULL;
    del_curterm(cur_term); /* initscr makes its own */
    if (!able) {
        complain("linnet top: nothing can be drawn on a terminal of kind \"%s\" (TERM)\n",
                 terminal ? terminal : "");
        return false;
    }
    os_guard_terminal(STANDARD_OUTPUT, "");
    initscr();
    guard();
    cbreak();
    noecho();
    nodelay(stdscr, TRUE);
    keypad(stdscr, TRUE);
    set_escdelay(25);
    curs_set(0);
    choose_styles();
    return true;
}

void top_screen_close(void) {
    endwin();
    os_unguard_terminal();
}

void top_screen_size(int *rows, int *columns) {
    if (!os_terminal_size(STANDARD_OUTPUT, rows, columns)) getmaxyx(stdscr, *rows, *columns);
    if (is_term_resized(*rows, *columns)) resizeterm(*rows, *columns);
}

void top_screen_forget(void) { clearok(curscr, TRUE); }

/* Cells of one style from `column` on, in one piece; the column behind them. */
static int draw_run(const struct top_canvas *canvas, int row, int column) {
    char text[4096];
    size_t length = 0;
    int at = column;
    uint8_t style = canvas_at(canvas, row, column)->style;
    for (; at < canvas->columns; at++) {
        const struct top_cell *cell = canvas_at(canvas, row, at);
        if (cell->style != style || length + cell->bytes > sizeof text) break;
        memcpy(text + length, cell->text, cell->bytes);
        length += cell->bytes;
    }
    attrset((attr_t)styles[style]);
    mvaddnstr(row, column, text, (int)length);
    return at;
}

void top_screen_draw(const struct top_canvas *canvas) {
    erase();
    for (int row = 0; row < canvas->rows; row++)
        for (int column = 0; column < canvas->columns;)
            column = draw_run(canvas, row, column);
    attrset(A_NORMAL);
    refresh();
}

int top_screen_key(void) {
    int key = getch();
    switch (key) {
    case ERR: return -1;
    case KEY_UP: return TOP_KEY_UP;
    case KEY_DOWN: return TOP_KEY_DOWN;
    case KEY_ENTER:
    case '\r':
    case '\n': return TOP_KEY_ENTER;
    case KEY_BACKSPACE:
    case KEY_DC:
    case 127:
    case '\b': return TOP_KEY_ERASE;
    case 27: return TOP_KEY_ESCAPE;
    default: return key < 256 ? key : 0;
    }
}
