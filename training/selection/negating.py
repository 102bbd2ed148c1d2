"""Words that turn a sentence into its opposite, or narrow what it says, in many languages."""

NEGATING = frozenset(
    "not no never none nobody nothing nowhere nor neither without cannot except unless hardly "
    "nicht kein keine keinen keinem keiner keines nie niemals niemand nichts ohne außer "
    "ne pas jamais aucun aucune personne rien sans ni no nunca jamás nadie nada ningún ninguna "
    "ninguno tampoco sin non mai nessun nessuno nessuna niente senza neanche né não nunca jamais "
    "nenhum nenhuma ninguém nada sem tampouco niet geen nooit niemand niets zonder nie nigdy nikt "
    "nic bez żaden żadna żadne ne není nejsou nikdy nikdo žádný žádná žádné inte ingen inget inga "
    "aldrig utan ikke ingen intet aldri uden uten ei en et emme ette eivät eikä ilman ikinä değil "
    "yok hiç asla olmadan tidak bukan jangan tanpa belum không chưa đừng chẳng не нет нельзя ни "
    "никогда никто ничего без немає не можна δεν μη μην ποτέ κανείς χωρίς لا ليس لم لن بدون غير "
    "ممنوع לא אין אסור אי בלי नहीं मत ना बिना".split()
)
"""Many languages deny twice and mean it once, so only of English they are counted."""

LIMITING = frozenset(
    "only just some few most half twice double rarely seldom sometimes partly nearly almost least "
    "more less over under above below than minimum maximum second third".split()
)
"""English words that narrow a number or what is told, so that with one of them it is another."""
