"""Japanese."""

from bot.words.catalogue import Words

JAPANESE = Words(
    language="日本語",
    placeholder="ドキュメントを読んでいます…",
    status="がドキュメントを読んでいます…",
    cut=(
        "…（ここまで。"
        "回答が長すぎて Slack の 1 件のメッセージに収まりません。全文は出典にあります）"
    ),
    sources="出典",
    more="…ほか {count} 件。",
    newer="新しい版があります：",
    conversation="Slack での会話",
    page="{number} ページ",
    slide="スライド {number}",
    sheet="シート {name}",
    nearest="最も近い箇所（このとおりには書かれていません。確認してからお使いください）",
    nearest_of_refusal="最も近い箇所",
    nearest_not_compared="最も近い箇所",
    not_compared=(
        "言語の都合で、すべてをドキュメントと照合することはできませんでした。"
        "{mark} の付いた部分は、確認してからお使いください。"
    ),
    doubted="{mark} は、どの出典にも書かれていないという印です。確認してからお使いください。",
    newest="最新の出典：{date}",
    on_trial="試用中",
    reference="照会番号 {id}",
    good="良い",
    bad="悪い",
    good_answer="良い回答",
    bad_answer="悪い回答",
    refused="ドキュメントには書かれていません。",
    nearest_documents="見つかった中で最も近いドキュメント：{titles}。",
    unsupported=(
        "モデルの書いた内容を裏付ける箇所がないため、表示しません。最も近い箇所は次のとおりです。"
    ),
    too_long="質問が長すぎて、ドキュメントと一緒に読めません。短くして、もう一度お尋ねください。",
    english_only=(
        "ドキュメントの検索は英語にしか対応していませんが、この質問は別の言語のようです。"
        "英語でお尋ねください。"
    ),
    quoted="現在、モデルが応答していません。最も近い箇所は次のとおりです。",
    unsure="ドキュメントにこの答えがあるか確かではありません。最も近い箇所には次のように書かれています。",
    after_refusal=(
        "別の言い方でお尋ねになるか、答えの書かれたドキュメントを /phi3-ingest で"
        "追加してもらってください。"
    ),
    try_again="もう一度試す",
    question_gone="質問が残っていないため、もう一度お答えできません。",
    ask_expert="{name}さんに聞く",
    expert_asked="{asker}さんの質問「{question}」の答えは文書にありません。このスレッドでお答えいただけますか。",
    expert_known="{name}さんにはすでに聞いています。このスレッドをご覧ください。",
    after_quotation="数分後にもう一度お尋ねいただければ、文章でお答えします。",
    readers_unknown=(
        "この会話を誰が読めるのかを Slack から確認できませんでした。それがわからないうちは、"
        "ドキュメントをお見せできません。この会話に招待してから、もう一度お尋ねください。"
    ),
    help=(
        "質問を 1 つの文でお書きください。例：新しいノートパソコンはどうすればもらえますか？ "
        "チームのドキュメントをもとにお答えします。"
    ),
    help_thread="このスレッドでは、もう一度メンションする必要はありません。",
    help_documents="ドキュメントの追加方法は /phi3-ingest help でご覧になれます。",
    denied_person=(
        "ご質問ありがとうございます。申し訳ありませんが、あなたにお答えする設定になっていません"
        "（設定は、このアプリの管理者が変更できます）。"
    ),
    denied_channel=(
        "ご質問ありがとうございます。申し訳ありませんが、このチャンネルではお答えする設定になって"
        "いないため、別の場所かダイレクトメッセージでお尋ねください。"
    ),
    quota_person=(
        "ご質問ありがとうございます。{period}に一人あたり {most} 件までお答えしており、その上限に"
        "達したため、{wait}後にもう一度お尋ねください。"
    ),
    quota_channel=(
        "ご質問ありがとうございます。このチャンネルでは{period}に {most} 件までお答えしており、"
        "その上限に達したため、{wait}後にもう一度お尋ねください。"
    ),
    one_hour="1 時間",
    one_day="1 日",
    minutes="{count} 分",
    hours="{count} 時間",
    message_cut="メッセージの最初の {count} 文字だけを読みました。",
    no_words="このメッセージには、お答えできる言葉がありません。",
    asked_already="その質問にはすでにお答えしています。メッセージのスレッドをご覧ください。",
    not_read=(
        "添付されたもの（{names}）は読んでいません。それについて質問するには、メッセージのメニュー（⋮）"
        "から「{entry}」を選んで追加してください。"
    ),
    failure=(
        "お答えできませんでした。{what}\n1 分後にもう一度お尋ねください。エラーが続く場合は、"
        "照会番号 {reference} を管理者にお伝えください。"
    ),
    model_failed="モデルが現在応答していません。",
    search_failed="現在、ドキュメントを検索できません。",
    records_failed="データベースが現在応答していません。",
    messenger_failed="Slack に回答を送れませんでした。",
    something_failed="こちら側で問題が起きました。",
    closed="ご質問「{question}」にお答えできません。{why}。",
    thread_locked="スレッドがロックされています",
    thread_gone="スレッドがなくなっています",
    archived="チャンネルがアーカイブされています",
    not_member="私はそのチャンネルのメンバーではありません",
    not_seen="その会話が見えなくなりました",
    no_replies="そのメッセージには返信できません",
    not_allowed="そこに書き込む権限がありません",
    noted_good="ありがとうございます。良い回答として記録しました。今夜の学習に使われることがあります。",
    noted_only="ありがとうございます。良い回答として記録しました。",
    noted_bad="ありがとうございます。悪い回答として記録しました。",
    undecided=(
        "良い回答として記録しました。ただ、この回答のどこが悪かったかを以前にお書きになっています。"
        "両方が残っている間は、どちらも数えません。お書きになった内容を削除するか、フォームを"
        "もう一度送信してください。"
    ),
    written="この回答についてお書きになった内容を保存しました。👎 で変更でき、ここで削除できます。",
    deleted="この回答についてお書きになった内容を削除しました。",
    not_rated="ほかの評価はしていません。",
    good_counts="👍 が有効です。",
    bad_counts="👎 は引き続き有効です。",
    say_what_was_wrong="どこが悪かったかを書く",
    delete_what_i_wrote="書いた内容を削除する",
    unknown_answer=(
        "その回答の記録がもうないため、評価できません。新しい回答が必要でしたら、"
        "もう一度お尋ねください。"
    ),
    other_conversation="その回答は別の会話にあります。そちらで評価してください。",
    rating_not_kept=(
        "評価を保存できませんでした。{why} 1 分後にもう一度押してください（照会番号 {reference}）。"
    ),
    correction_not_kept=(
        "保存できませんでした。{why} もう一度送信してください（照会番号 {reference}）。"
    ),
    answer_again="「{question}」への回答が間違っているとのことでした。改めてお答えします。",
    gap_answered="「{question}」とのご質問に、以前は十分にお答えできませんでした。改めてお答えします。",
    what_was_wrong="どこが悪かったですか？",
    send="送信",
    skip="スキップ",
    fault_wrong="間違っている",
    fault_outdated="内容が古い",
    fault_incomplete="足りない点がある",
    fault_source="出典が間違っている",
    fault_unwanted="回答すべきではなかった",
    right_answer="正しい回答（本来の答え方）",
    where_it_stands="書かれている場所：リンクまたはドキュメントの名前",
    too_many_characters="{count} 文字あります。{most} 文字まで入力できます。",
    thanks_title="記録しました",
    thanks="ありがとうございます。正しい回答があれば、次の夜からの学習に生かせます。",
    thanks_only="ありがとうございます。",
    close="閉じる",
    verified="{name}さんが{date}に確認",
    card_offered=(
        "{name}さん、ありがとうございます。書いてくださった内容を「{question}」への回答として保存"
        "しますか。保存すると、同じことを尋ねた人にお名前とともにお伝えします。"
    ),
    card_keep="回答として保存",
    card_kept=(
        "{name}さんが「{question}」への回答を確認しました。これからは、尋ねた人にこの回答をお伝え"
        "します。"
    ),
    card_change="変更",
    card_withdraw="取り下げ",
    card_sure="この回答は今後だれにもお伝えしません。",
    card_withdrawn="ここに保存された回答は取り下げられました。今後はお伝えしません。",
    card_told="{name}さんがご質問「{question}」への回答を確認しました。{answer}",
    card_not_yours="これができるのは、質問を受けた{name}さんか管理者だけです。",
    card_gone="その質問はもうないため、何も保存しません。",
    card_failed=(
        "回答は確認されましたが、まだお伝えできません。{why} 「{change}」を押して、もう一度送信し"
        "てください。"
    ),
    card_question="質問",
    card_answer="ほかの人が読む回答",
    card_link="書かれている場所（あれば）：リンク",
    card_readers=(
        "読める人：{readers}。ここの全員が読め、ホームタブで許可されている場合は、学習にも使われ"
        "ることがあります。"
    ),
    readers_all="このワークスペースのメンバー全員",
    readers_here="このチャンネルの全員",
    card_cut="このフォームに入る長さを超えているため、最後の部分がありません。",
    card_empty="ここに何か入力してください。",
    card_no_link="https:// で始まるリンクを一つ、すべて入力してください。",
    only_for_me="自分だけに表示",
    share_here="質問した場所で共有",
    only_asker="これができるのは質問した人だけです。",
    asked_privately="あなただけへの回答です。質問:",
    private_now="回答はあなただけに見えます。ダイレクトメッセージをご覧ください。",
    shared_now="回答は、質問されたスレッドに移しました。",
    not_shared="共有しませんでした。そこにいる全員が、すべての出典を読めるわけではありません。",
    not_moved="それはできませんでした: {why}",
    taken_away="この回答は、質問した人だけが見られるようになりました。",
)
